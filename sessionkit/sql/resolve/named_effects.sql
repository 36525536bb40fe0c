-- named_effects: gives effects the ids of the session that their internal id stands for.
-- reads:  named_ids
-- note:   where it stands for none, or another one than the effect tells, what is told stays.

update staged_effects as told
set
    application_id = case
        when named.integration_id is not null
            and (not tells_application or told.application_id = named.application_id)
            and (not tells_session or told.integration_id = named.integration_id)
            then named.application_id
        when tells_application then told.application_id
    end,
    integration_id = case
        when named.integration_id is not null
            and (not tells_application or told.application_id = named.application_id)
            and (not tells_session or told.integration_id = named.integration_id)
            then named.integration_id
        when tells_session then told.integration_id
    end
from named_ids as named
where not (tells_application and tells_session)
    and told.session_internal_id = named.internal_id
