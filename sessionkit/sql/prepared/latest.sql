-- latest: the latest instant in the whole source, before any filter; null when there is none.
-- grain:  one row
-- reads:  sessions, effects
-- note:   one select for each column, as the files themselves tell the maximum of most of them.

select max(instant) as latest
from (
    select max(created_at) as instant from sessions
    union all
    select max(updated_at) from sessions
    union all
    select max(closed_at) from sessions
    union all
    select max(cancelled_at) from sessions
    union all
    select max(created_at) from effects
)
