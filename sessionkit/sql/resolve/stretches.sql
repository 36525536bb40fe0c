-- stretches: which sessions are resolved together.
-- grain:  one row per session
-- reads:  waiting_sessions
-- takes:  stretch, how many records are resolved at once

create temp table stretches as
with counted as (
    select
        application_id,
        integration_id,
        count(*) as records
    from waiting_sessions
    group by all
)

select
    application_id,
    integration_id,
    cast(
        (sum(records) over (
            order by application_id, integration_id rows unbounded preceding
        ) - records) // $stretch as bigint
    ) as stretch
from counted
