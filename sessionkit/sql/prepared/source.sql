-- source: what the whole source holds, before any filter.
-- grain:  one row
-- reads:  sessions
-- takes:  variable time_basis

select
    count(*)              as session_count,
    count(distinct state) as state_count,
    min(state)            as any_state,
    greatest(
        max(created_at), max(updated_at), max(closed_at), max(cancelled_at)
    )                     as latest,
    case getvariable('time_basis')
        when 'created' then min(created_at)
        when 'updated' then min(updated_at)
        when 'closed' then min(closed_at)
        when 'cancelled' then min(cancelled_at)
    end                   as earliest
from sessions
