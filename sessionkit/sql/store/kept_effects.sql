-- kept_effects: where the effects stand that are kept of some sessions, by either of their ids.
-- grain:  one row per effect
-- reads:  kept.effects, sessions, arrived (application_id and session: see resolve/effects)
-- note:   an effect that tells only the internal id of its session goes by the integration id too.

create or replace temp table taken_effects as
with named as (
    select
        internal_id,
        min(application_id) as application_id,
        min(integration_id) as integration_id
    from sessions
    where internal_id in (select session_internal_id from kept.effects where integration_id is null)
    group by internal_id
    having count(*) = 1
),

placed as (
    select
        told.rowid as place,
        coalesce(told.application_id, named.application_id) as application_id,
        coalesce(told.integration_id, named.integration_id) as integration_id,
        told.session_internal_id
    from kept.effects as told
    left join named
        on told.integration_id is null
            and named.internal_id = told.session_internal_id
            and coalesce(told.application_id, named.application_id) = named.application_id
),

by_either as (
    select place, application_id, integration_id as session
    from placed

    union all

    select place, application_id, '#' || session_internal_id as session
    from placed
)

select
    by_either.place,
    any_value(placed.application_id) as application_id,
    any_value(placed.integration_id) as integration_id
from by_either
join placed using (place)
semi join arrived
    on arrived.session = by_either.session
        and coalesce(arrived.application_id, by_either.application_id)
        is not distinct from coalesce(by_either.application_id, arrived.application_id)
group by by_either.place
