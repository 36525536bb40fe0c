-- illegal-transition: a session that went on after it was cancelled, which nothing may follow, or
--         that was open or closed after a part of it was returned, which only a cancelling may.
-- grain:  one row per session that one record shows to have done so, and per pair of versions, one
--         after the other
-- reads:  sessions, snapshots, records (the sessions that are audited)
-- note:   a closing time in an open session is none: it was reopened. Compared by whole seconds,
--         as the CSV export cuts its times. Versions that tell no update are not compared.

with several as (
    select
        application_id,
        integration_id
    from snapshots
    group by application_id, integration_id
    having count(*) > 1
),

told as (
    select
        application_id,
        integration_id
    from sessions
    where state <> 'cancelled' and cancelled_at is not null
),

versions as (
    select
        *,
        lag(state) over in_order      as previous_state,
        lag(version_at) over in_order as previous_at
    from snapshots
    semi join several using (application_id, integration_id)
    semi join records using (application_id, integration_id)
    anti join told using (application_id, integration_id)
    where version_at is not null
    window in_order as (
        partition by application_id, integration_id
        order by
            version_at,
            update_count nulls first,
            list_position(['open', 'closed', 'partially_returned', 'cancelled'], state),
            digest
    )
)

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

union all

select
    application_id,
    integration_id,
    source_file,
    source_record,
    'state' as path,
    previous_state || ', as it was at ' || moment(previous_at)
        || if(previous_state = 'cancelled', '', ', or cancelled') as expected,
    state || ' at ' || moment(version_at) as seen,
    null as amount
from versions
where (previous_state = 'cancelled' and state <> 'cancelled')
    or (previous_state = 'partially_returned' and state in ('open', 'closed'))
