-- nameless: the internal ids by which kept effects tell their session.
-- grain:  one row per internal id
-- reads:  kept.effects

select distinct session_internal_id as internal_id
from kept.effects
where not (tells_application and tells_session)
