-- illegal-transition: a session that went on after it was cancelled; nothing may follow that.
-- grain:  one row per session that one record shows to have done so
-- reads:  sessions
-- note:   a closing time in an open session is none: it was reopened. Compared by whole seconds,
--         as the CSV export cuts its times.

select
    application_id,
    integration_id,
    source_file,
    source_record,
    'state' as path,
    'cancelled, as it was at ' || moment(cancelled_at) as expected,
    state as seen,
    null as amount
from sessions
where state <> 'cancelled' and cancelled_at is not null

union all

select
    application_id,
    integration_id,
    source_file,
    source_record,
    'closedAt' as path,
    'not after the cancelling at ' || moment(cancelled_at) as expected,
    moment(closed_at) as seen,
    null as amount
from sessions
where state = 'cancelled' and is_before(cancelled_at, closed_at)
