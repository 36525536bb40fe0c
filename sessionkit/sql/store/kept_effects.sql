-- kept_effects: where the effects stand that a load may tell once more, or by another name.
-- grain:  one row per effect
-- reads:  kept.effects, arrived (sessions), named (what internal ids stand for now)

create or replace temp table taken_effects as
with fitting as (
    select
        told.rowid as place,
        told.application_id,
        told.integration_id,
        case
            when named.integration_id is not null
                and (not tells_application or told.application_id = named.application_id)
                and (not tells_session or told.integration_id = named.integration_id)
                then row(named.application_id, named.integration_id)
            else row(
                if(tells_application, told.application_id, null),
                if(tells_session, told.integration_id, null)
            )
        end as now_called
    from kept.effects as told
    join named
        on named.internal_id = told.session_internal_id
    where not (tells_application and tells_session)
),

renamed as (
    select *
    from fitting
    where now_called is distinct from row(application_id, integration_id)
),

touched as (
    select application_id, integration_id from arrived
    union
    select application_id, integration_id from renamed
    union
    select now_called[1], now_called[2] from renamed
)

select told.rowid as place
from kept.effects as told
semi join touched
    on touched.application_id = told.application_id
        and touched.integration_id = told.integration_id

union

select place
from fitting
where application_id is null
    or integration_id is null
