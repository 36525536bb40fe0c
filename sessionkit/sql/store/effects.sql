-- effects: every effect, with the integration id of its session where only the internal id is told.
-- grain:  one row per effect
-- reads:  kept.effects, sessions

select *
from kept.effects
where integration_id is not null

union all by name

select
    told.* replace (
        coalesce(told.application_id, named.application_id) as application_id,
        named.integration_id as integration_id
    )
from (select * from kept.effects where integration_id is null) as told
left join (
    select
        internal_id,
        min(application_id) as application_id,
        min(integration_id) as integration_id
    from sessions
    where internal_id is not null
    group by internal_id
    having count(*) = 1
) as named
    on named.internal_id = told.session_internal_id
        and coalesce(told.application_id, named.application_id) = named.application_id
