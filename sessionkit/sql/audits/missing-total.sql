-- missing-total: a session that tells no total.
-- grain:  one row per session without a total
-- reads:  sessions

select
    application_id,
    integration_id,
    source_file,
    source_record,
    'total' as path,
    'an amount' as expected,
    'nothing' as seen,
    null as amount
from sessions
where total is null
