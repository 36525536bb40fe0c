-- other_ids: the internal ids of sessions to which exports of effects give several.
-- grain:  one row per session and id
-- reads:  staged_effects
-- note:   of rows that tell the same effect one is kept, and with it one of the ids.

select distinct
    application_id,
    integration_id,
    session_internal_id as internal_id
from staged_effects
semi join (
    select application_id, integration_id
    from staged_effects
    where tells_application
        and tells_session
        and version_at is null
        and state is null
    group by all
    having min(session_internal_id) <> max(session_internal_id)
) as several using (application_id, integration_id)
where tells_application
    and tells_session
    and session_internal_id is not null
