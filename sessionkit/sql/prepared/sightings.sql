-- sightings: what shows a session in a state, and when.
-- grain:  one row per thing that shows it; `instant` is null for a version that tells no update
-- reads:  version_rows (the versions of sessions), effects
-- note:   evidence is `times` (a time of closing or cancelling), `events` (the event of an effect)
--         or `versions`. `tells_closed`: a time or an event says that it was closed by then;
--         `tells_unclosed`: it was cancelled and, by what is told, never closed before.

select
    application_id,
    integration_id,
    version_at  as instant,
    state,
    'versions'  as evidence,
    false       as tells_closed,
    state = 'cancelled' and times_known and closed_at is null as tells_unclosed
from version_rows

union all

select
    application_id,
    integration_id,
    closed_at,
    'closed',
    'times',
    true,
    false
from version_rows
where closed_at is not null

union all

select
    application_id,
    integration_id,
    cancelled_at,
    'cancelled',
    'times',
    false,
    times_known and closed_at is null
from version_rows
where cancelled_at is not null

union all

select
    application_id,
    integration_id,
    created_at,
    case event_type
        when 'talon_session_updated' then 'open'
        when 'talon_session_reopened' then 'open'
        when 'talon_session_closed' then 'closed'
        when 'talon_session_partially_returned' then 'partially_returned'
        else 'cancelled'
    end,
    'events',
    event_type not in ('talon_session_updated', 'talon_session_cancelled'),
    event_type = 'talon_session_cancelled'
from effects
where created_at is not null
    and event_type in (
        'talon_session_updated',
        'talon_session_closed',
        'talon_session_cancelled',
        'talon_session_revoked',
        'talon_session_partially_returned',
        'talon_session_reopened'
    )

union all

select
    application_id,
    integration_id,
    version_at,
    state,
    'versions',
    false,
    false
from effects
where state is not null
