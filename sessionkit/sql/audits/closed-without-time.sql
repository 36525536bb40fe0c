-- closed-without-time: a closed session that tells no closing time, though its dump has them.
-- grain:  one row per such session
-- reads:  sessions
-- note:   only closed sessions become partially returned; a cancelled one may never have closed.

select
    application_id,
    integration_id,
    source_file,
    source_record,
    'closedAt' as path,
    'a time, as the session is ' || state as expected,
    'never' as seen,
    null as amount
from sessions
where times_known and state in ('closed', 'partially_returned') and closed_at is null
