-- taken: the contested sessions of which there are records already.
-- grain:  one row per session
-- reads:  known, contested_sessions

select distinct
    application_id,
    integration_id
from known
semi join contested_sessions using (key)
