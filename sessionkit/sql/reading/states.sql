-- states: how many sessions of each application are in each state, and from when to when.
-- grain:  one row per application and state that there is
-- reads:  sessions

select
    application_id,
    state,
    count(*)           as session_count,
    min(created_at)    as first_created_at,
    max(created_at)    as last_created_at
from sessions
group by application_id, state
order by application_id, state
