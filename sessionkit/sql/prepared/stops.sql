-- stops: the states that a session was seen in, one after the other.
-- grain:  one row per session and stop, in the order of `place`; `instant` is null where no moment
--         is told
-- reads:  sightings
-- takes:  variable life_cycle (the states in their order)
-- note:   moments are told apart by the second, as the CSV export cuts its times; in one second
--         the life cycle decides. An open or partially returned session stops at each update. A
--         closed or cancelled one stops where it was closed or cancelled: by its times, or by its
--         events if these tell of more, else where a version first shows it. A version without a
--         moment that shows a state of its own has its place by the life cycle.
--         Most sessions have one moment only, and stop there: only the others are put in order.

with seen as (
    select
        application_id,
        integration_id,
        state,
        list_position(getvariable('life_cycle'), state)       as rank,
        date_trunc('second', instant)                         as second,
        max(instant)                                          as instant,
        bool_or(evidence = 'times')                           as has_time,
        bool_or(evidence = 'events')                          as has_event,
        coalesce(bool_or(tells_closed), false)                as tells_closed,
        coalesce(bool_or(tells_unclosed), false)              as tells_unclosed
    from sightings
    group by application_id, integration_id, state, second
),

several as (
    select
        application_id,
        integration_id
    from seen
    where second is not null
    group by application_id, integration_id
    having count(*) > 1
),

dated as (
    select
        *,
        coalesce(state <> lag(state) over in_order, true) as is_turn
    from seen
    semi join several using (application_id, integration_id)
    where second is not null
    window in_order as (partition by application_id, integration_id order by second, rank)
),

numbered as (
    select
        *,
        count_if(is_turn) over in_order as run
    from dated
    window in_order as (partition by application_id, integration_id order by second, rank)
),

measured as (
    select
        * exclude (tells_closed, tells_unclosed),
        row_number() over (partition by application_id, integration_id, run order by second)
            as place_in_run,
        count_if(has_time) over in_run   as time_count,
        count_if(has_event) over in_run  as event_count,
        bool_or(tells_closed) over in_run   as tells_closed,
        bool_or(tells_unclosed) over in_run as tells_unclosed
    from numbered
    window in_run as (partition by application_id, integration_id, run)
),

kept as (
    select
        *,
        case
            when state in ('open', 'partially_returned') then true
            when time_count > 0 and time_count >= event_count then has_time
            when event_count > 0 then has_event
            else place_in_run = 1
        end as is_kept
    from measured
),

ordered as (
    select
        *,
        row_number() over (partition by application_id, integration_id order by second, rank)
            as place
    from kept
    where is_kept
    union all by name
    select
        *,
        1 as place
    from seen
    anti join several using (application_id, integration_id)
    where second is not null
),

placed as (
    select
        application_id,
        integration_id,
        instant,
        state,
        rank,
        case
            when has_time then 'times'
            when has_event then 'events'
            else 'versions'
        end as evidence,
        tells_closed,
        tells_unclosed,
        place
    from ordered
),

undated as (
    select
        seen.application_id,
        seen.integration_id,
        cast(null as timestamptz)                         as instant,
        seen.state,
        any_value(seen.rank)                              as rank,
        'versions'                                        as evidence,
        bool_or(seen.tells_closed)                        as tells_closed,
        bool_or(seen.tells_unclosed)                      as tells_unclosed,
        coalesce(min(placed.place) filter (placed.rank > seen.rank) - 1, 1e9) + 0.1 * seen.rank
            as place
    from seen
    left join placed using (application_id, integration_id)
    where second is null
    group by seen.application_id, seen.integration_id, seen.state, seen.rank
    having not coalesce(bool_or(placed.state = seen.state), false)
)

select * from placed
union all
select * from undated
