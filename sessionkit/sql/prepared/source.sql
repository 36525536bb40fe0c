-- source: what the whole source holds, before any filter.
-- grain:  one row
-- reads:  sessions
-- takes:  variable time_basis

select
    count(*)            as session_count,
    min(state)          as any_state,
    max(state)          as other_state,
    min(application_id) as any_application,
    max(application_id) as other_application,
    min(
        case getvariable('time_basis')
            when 'created' then created_at
            when 'updated' then updated_at
            when 'closed' then closed_at
            when 'cancelled' then cancelled_at
        end
    )                   as earliest
from sessions
