-- known: those of some sessions of which there is a record.
-- grain:  one row per session
-- reads:  arrived (the sessions), records_alone.sessions, records_several.sessions

select distinct
    application_id,
    integration_id
from arrived
semi join (
    select application_id, integration_id from records_alone.sessions
    union all
    select application_id, integration_id from records_several.sessions
) using (application_id, integration_id)
