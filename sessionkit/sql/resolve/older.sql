-- older: records that others have overtaken.
-- grain:  one row per record
-- reads:  ranked

select record
from ranked
where fate = 'older'
