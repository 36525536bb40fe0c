-- witnesses: what other versions and events tell of a session, beyond its last version.
-- grain:  one row per session that has several versions, or effects that tell of its states
-- reads:  sightings, sessions
-- takes:  variable life_cycle (the states in their order)
-- note:   an event later than the last version tells how the session stands; where that version
--         tells no update, an event whose state comes later in the life cycle does. Of moments in
--         one second the finer counts, as the CSV export cuts its times.

with seen as (
    select
        sightings.*,
        sessions.state                                                   as last_state,
        evidence = 'versions'                                            as is_version,
        evidence <> 'versions' and sightings.state = 'closed'            as is_closing,
        is_version and sightings.state in ('closed', 'partially_returned') as is_closed_version,
        2 * epoch_us(date_trunc('second', instant)) - epoch_us(instant)  as earliness
    from sightings
    inner join sessions using (application_id, integration_id)
),

told as (
    select
        application_id,
        integration_id,
        any_value(last_state)                                        as last_state,
        date_trunc('second', max(instant) filter (is_version))       as last_second,
        date_trunc('second', min(instant) filter (is_closed_version)) as closed_second,
        arg_min(instant, earliness) filter (is_closing)              as first_closed_at,
        max(instant) filter (is_closing and evidence = 'times')      as closing_time,
        max(instant) filter (is_closing and evidence = 'events')     as closing_event,
        bool_or(tells_closed or (is_closed_version and state <> last_state)) as is_seen_closed,
        coalesce(bool_or(tells_unclosed), false)                     as is_seen_unclosed,
        max(
            row(date_trunc('second', instant), list_position(getvariable('life_cycle'), state))
        ) filter (evidence = 'events')                               as event
    from seen
    group by application_id, integration_id
)

select
    application_id,
    integration_id,
    if(
        coalesce(
            event[1] > last_second, event[2] > list_position(getvariable('life_cycle'), last_state)
        ),
        getvariable('life_cycle')[event[2]],
        last_state
    ) as standing,
    first_closed_at,
    if(
        date_trunc('second', closing_event) > last_second,
        closing_event,
        coalesce(closing_time, closing_event)
    ) as last_closed_at,
    is_seen_closed or coalesce(closed_second < last_second, false) as is_seen_closed,
    is_seen_unclosed
from told
