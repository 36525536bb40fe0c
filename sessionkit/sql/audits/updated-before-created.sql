-- updated-before-created: a session whose last update lies before its creation.
-- grain:  one row per such session
-- reads:  sessions
-- note:   compared by whole seconds: the CSV export cuts its times, and a session may have one
--         time from there and the other, with microseconds, from elsewhere.

select
    application_id,
    integration_id,
    source_file,
    source_record,
    'updated' as path,
    'not before ' || moment(created_at) as expected,
    moment(updated_at) as seen,
    null as amount
from sessions
where is_before(updated_at, created_at)
