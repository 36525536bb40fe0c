-- asked_ids: the internal ids of which this read tells something.
-- grain:  one row per internal id
-- reads:  staged_effects, internal_ids

create table asked_ids as
select internal_id
from internal_ids

union

select session_internal_id as internal_id
from staged_effects
where not (tells_application and tells_session)
