-- cancelled-without-time: a cancelled session that tells no such time, though its dump has them.
-- grain:  one row per such session
-- reads:  sessions

select
    application_id,
    integration_id,
    source_file,
    source_record,
    'cancelledAt' as path,
    'a time, as the session is cancelled' as expected,
    'never' as seen,
    null as amount
from sessions
where times_known and state = 'cancelled' and cancelled_at is null
