-- span: how much there is, and from when to when.
-- grain:  one row
-- reads:  sessions

select
    count(*)                         as session_count,
    count(distinct application_id)   as application_count,
    min(created_at)                  as first_created_at,
    max(created_at)                  as last_created_at
from sessions
