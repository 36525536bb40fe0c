-- dropped: records that others have overtaken, or that say what another one says.
-- grain:  one row per record
-- reads:  ranked
-- note:   `survivor` is the record that says the same in the same manner, and is kept; `is_older`
--         is true where neither is of the current version.

select
    record,
    survivor,
    fate = 'older' as is_older
from ranked
where fate = 'older'
    or not is_distinct
