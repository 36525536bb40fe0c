-- named_effects: gives effects the integration id of the session with their internal id.
-- reads:  internal_ids

update staged_effects as told
set
    application_id = named.application_id,
    integration_id = named.integration_id
from (
    select
        internal_id,
        min(application_id) as application_id,
        min(integration_id) as integration_id
    from internal_ids
    where integration_id is not null
    group by internal_id
    having count(distinct (application_id, integration_id)) = 1
) as named
where told.integration_id is null
    and named.internal_id = told.session_internal_id
    and coalesce(told.application_id, named.application_id) = named.application_id
