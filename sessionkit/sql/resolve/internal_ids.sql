-- internal_ids: Talon.One's own ids of sessions, as far as an effect tells its session by one.
-- grain:  one row per session and id; some of them several times
-- reads:  staged_effects, wanted_ids

create table internal_ids as
select distinct
    application_id,
    integration_id,
    session_internal_id as internal_id
from staged_effects
where tells_application
    and tells_session
    and session_internal_id in (select internal_id from wanted_ids)
