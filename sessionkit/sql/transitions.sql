-- transitions: which state followed which, how often, how soon, and whether it may.
-- grain:  one row per group (the columns by_1, by_2, ... of units) and pair of states that was
--         seen, in the order of the life cycle
-- reads:  units (one row per session and group), stops, verdicts (every pair of states: its place
--         and its verdict)
-- takes:  variable stops_until (what was seen later does not count; null: all does)
-- note:   the first pair of a session leads from (none), when it was created, to its first stop.

with reached as (
    select
        *,
        lag(state) over in_order   as previous_state,
        lag(instant) over in_order as previous_at,
        row_number() over in_order as number
    from stops
    where coalesce(instant <= getvariable('stops_until'), getvariable('stops_until') is null)
    window in_order as (partition by application_id, integration_id order by place)
),

grouped as (
    select
        is_total,
        row(*columns('^by_')) as grp,
        application_id,
        integration_id,
        created_at,
        gross
    from units
    where coalesce(created_at <= getvariable('stops_until'), getvariable('stops_until') is null)
),

pairs as (
    select
        is_total,
        grp,
        application_id,
        integration_id,
        gross,
        coalesce(previous_state, '(none)') as from_state,
        state                              as to_state,
        (
            epoch_us(instant)
            - epoch_us(if(number = 1, created_at, previous_at))
        ) / 1e6                            as seconds,
        evidence
    from grouped
    inner join reached using (application_id, integration_id)
),

delays as (
    select
        is_total,
        grp,
        from_state,
        to_state,
        count(*)                                                  as transition_count,
        count(seconds)                                            as timed_count,
        quantile_cont(seconds, 0.5)                               as median_seconds,
        array_to_string(list_sort(list(distinct evidence)), ', ') as evidence
    from pairs
    group by is_total, grp, from_state, to_state
),

per_session as (
    select
        is_total,
        grp,
        from_state,
        to_state,
        any_value(gross) as gross
    from pairs
    group by is_total, grp, from_state, to_state, application_id, integration_id
),

amounts as (
    select
        is_total,
        grp,
        from_state,
        to_state,
        count(*)                as session_count,
        coalesce(sum(gross), 0) as gross_total
    from per_session
    group by is_total, grp, from_state, to_state
)

select
    is_total,
    grp,
    from_state,
    to_state,
    session_count,
    transition_count,
    timed_count,
    median_seconds,
    gross_total,
    verdict,
    evidence,
    1 - coalesce(sum(transition_count) filter (verdict = 'illegal') over same_group, 0)
        / sum(transition_count) over same_group as conformance
from delays
inner join amounts using (is_total, grp, from_state, to_state)
inner join verdicts using (from_state, to_state)
window same_group as (partition by is_total, grp)
order by is_total, grp, verdicts.place
