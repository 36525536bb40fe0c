-- dropped: records that others have overtaken, or that say what another one says.
-- grain:  one row per record
-- reads:  ranked

select record
from ranked
where fate = 'older'
    or not is_distinct
