-- wanted_ids: the internal ids by which effects of this read, or kept ones, tell their session.
-- grain:  one row per internal id
-- reads:  staged_effects, nameless (the internal ids of kept effects)

create table wanted_ids as
select distinct session_internal_id as internal_id
from staged_effects
where not (tells_application and tells_session)

union

select internal_id
from nameless
