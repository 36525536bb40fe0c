-- stood: the sessions as they stood at as_of, by their versions, their times and their events.
-- grain:  one row per session created by then
-- reads:  sessions, stops, version_rows
-- takes:  variables as_of, life_cycle
-- note:   a session stands where its last stop by then was. One without a stop by then was open if
--         it was next seen open (or, without a moment, only open), or if a time or an event tells
--         that it was first closed, or cancelled without having been closed, later; otherwise
--         is_settled is false. A session without a version by then has no amounts of then:
--         has_version is false.

with moment as (
    select cast(getvariable('as_of') as timestamptz) as as_of
),

seen as (
    select
        application_id,
        integration_id,
        arg_max(state, place) filter (instant <= as_of)           as state,
        arg_max(instant, place) filter (instant <= as_of)         as state_at,
        max(place) filter (instant <= as_of)                      as last_place,
        arg_min(state, place) filter (instant > as_of)            as next_state,
        arg_min(evidence, place) filter (instant > as_of)         as next_evidence,
        arg_min(tells_unclosed, place) filter (instant > as_of)   as next_unclosed,
        min(place) filter (instant <= as_of and state in ('closed', 'partially_returned'))
                                                                  as closed_place,
        bool_or(tells_closed) filter (instant <= as_of)           as tells_closed,
        bool_or(tells_unclosed) filter (instant <= as_of)         as tells_unclosed,
        min(instant) filter (instant <= as_of and state = 'closed' and evidence <> 'versions')
                                                                  as first_closed_at,
        max(instant) filter (instant <= as_of and state = 'closed' and evidence <> 'versions')
                                                                  as last_closed_at,
        coalesce(bool_or(instant is null and state <> 'open'), false) as has_undated
    from stops
    cross join moment
    group by application_id, integration_id
),

versions as (
    select
        application_id,
        integration_id,
        max(version_at) filter (version_at <= as_of)              as updated_at,
        min(version_at) filter (version_at <= as_of and state in ('closed', 'partially_returned'))
                                                                  as closed_version_at,
        arg_max(
            row(total, discounts_known, discount_total), row(version_at, total is not null)
        ) filter (version_at <= as_of)                            as amounts
    from version_rows
    cross join moment
    group by application_id, integration_id
),

told as (
    select
        sessions.*,
        coalesce(seen.state, 'open')      as state_then,
        seen.state is not null            as is_seen,
        seen.state_at,
        seen.last_place,
        seen.next_state,
        seen.next_evidence,
        seen.next_unclosed,
        seen.closed_place,
        seen.tells_closed,
        seen.tells_unclosed,
        seen.first_closed_at,
        seen.last_closed_at,
        seen.has_undated,
        versions.updated_at               as version_updated_at,
        versions.closed_version_at,
        versions.amounts
    from sessions
    cross join moment
    left join seen using (application_id, integration_id)
    left join versions using (application_id, integration_id)
    where created_at <= as_of
)

select
    * exclude (
        state_then,
        is_seen,
        state_at,
        last_place,
        next_state,
        next_evidence,
        next_unclosed,
        closed_place,
        tells_closed,
        tells_unclosed,
        has_undated,
        version_updated_at,
        closed_version_at,
        amounts
    )
    replace (
        state_then as state,
        version_updated_at as updated_at,
        amounts[1] as total,
        amounts[2] as discounts_known,
        amounts[3] as discount_total,
        last_closed_at as closed_at,
        if(state_then = 'cancelled', state_at, null) as cancelled_at,
        times_known or coalesce(tells_unclosed, false) as times_known
    ),
    state_then as standing,
    coalesce(tells_closed, false)
        or coalesce(closed_place < last_place, false)
        or coalesce(
            date_trunc('second', closed_version_at) < date_trunc('second', version_updated_at),
            false
        ) as is_seen_closed,
    coalesce(tells_unclosed, false) as is_seen_unclosed,
    version_updated_at is not null as has_version,
    case
        when is_seen then true
        when coalesce(has_undated, true) then false
        when coalesce(next_state, 'open') = 'open' then true
        when next_evidence = 'versions' then false
        when next_state = 'closed' then true
        else next_state = 'cancelled' and next_unclosed
    end as is_settled
from told
