-- alike: records that tell the same version of a session, second and state, as another does.
-- grain:  one row per such record
-- reads:  staged_sessions

create or replace temp table alike as
select record
from staged_sessions
qualify count(*) over (
    partition by application_id, integration_id, date_trunc('second', ordered_at), state
) > 1
