-- kept_ids: the sessions of internal ids, as far as any record or effect that is kept tells them.
-- grain:  one row per session and id
-- reads:  arrived (the ids), records_alone.sessions, records_several.sessions, kept.effects,
--         kept.effect_ids

select distinct
    application_id,
    integration_id,
    internal_id
from (
    select application_id, integration_id, internal_id from records_alone.sessions

    union all

    select application_id, integration_id, internal_id from records_several.sessions

    union all

    select application_id, integration_id, session_internal_id as internal_id
    from kept.effects
    where tells_application
        and tells_session

    union all

    select application_id, integration_id, internal_id from kept.effect_ids
)
semi join arrived using (internal_id)
