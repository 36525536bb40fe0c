-- funnel: how far sessions came: created, closed, kept.
-- grain:  one row per group and step
-- reads:  units (one row per session and group), always (groups that have a row even without a
--         session)
-- takes:  variables has_window, matured_before (sessions created until then have had the whole
--         window), window_us
-- note:   a reopened session was closed, is not kept, and can still be. A cancelled session whose
--         closing time nothing tells is unknown at `closed`; at `kept` it is out for certain.

with judged as (
    select
        is_total,
        grp,
        true                                                    as is_session,
        state = 'open'                                          as is_open,
        state in ('closed', 'partially_returned')               as is_kept,
        state = 'partially_returned'                            as is_returned,
        closed_at is not null                                   as saw_closing,
        state = 'cancelled' and closed_at is null and not times_known as is_unclear,
        epoch_us(closed_at) - epoch_us(created_at)              as micros,
        micros / 1e6                                            as seconds,
        coalesce(created_at <= getvariable('matured_before'), false) as is_matured
    from units
    union all by name
    select
        is_total,
        grp,
        false as is_session
    from always
),

per_group as (
    select
        is_total,
        grp,
        count(*) filter (is_session)                            as entered,
        count(*) filter (is_kept or saw_closing)                as closed,
        count(*) filter (saw_closing)                           as closed_seen,
        count(*) filter (is_unclear)                            as unclear,
        count(*) filter (is_open and not saw_closing)           as may_close,
        count(*) filter (is_kept)                               as kept,
        count(*) filter (is_kept and saw_closing)               as kept_seen,
        count(*) filter (is_open and saw_closing)               as reopened,
        count(*) filter (is_returned)                           as returned,
        count(*) filter (is_matured)                            as matured,
        count(*) filter (
            is_matured and micros <= getvariable('window_us')
        )                                                       as closed_in_time,
        count(*) filter (
            is_matured and micros <= getvariable('window_us') and is_kept
        )                                                       as kept_in_time,
        quantile_cont(seconds, 0.5)                             as closed_median,
        quantile_cont(seconds, 0.9)                             as closed_p90,
        quantile_cont(seconds, 0.5) filter (is_kept)            as kept_median,
        quantile_cont(seconds, 0.9) filter (is_kept)            as kept_p90
    from judged
    group by is_total, grp
),

steps as (
    select
        is_total, grp, 1 as step, 'created' as name, entered, entered as reached,
        0 as unknown, null as before, 0 as in_progress, matured,
        matured as in_time, if(entered > 0, 0.0, null) as median_seconds,
        if(entered > 0, 0.0, null) as p90_seconds, entered as observed, null as returned
    from per_group
    union all
    select
        is_total, grp, 2, 'closed', entered, closed,
        unclear, entered, may_close, matured,
        closed_in_time, closed_median,
        closed_p90, closed_seen, null
    from per_group
    union all
    select
        is_total, grp, 3, 'kept', entered, kept,
        0, closed, reopened, matured,
        kept_in_time, kept_median,
        kept_p90, kept_seen, returned
    from per_group
)

select
    is_total,
    grp,
    step,
    name,
    entered,
    reached,
    unknown,
    reached / nullif(before, 0)                                 as from_previous,
    reached / nullif(entered, 0)                                as from_first,
    (reached + unknown) / nullif(entered, 0)                    as from_first_high,
    coalesce(before - reached - in_progress - unknown, 0)       as dropped,
    in_progress,
    if(getvariable('has_window'), matured, null)                as matured,
    if(getvariable('has_window'), in_time / nullif(matured, 0), null) as conversion_rate,
    median_seconds,
    p90_seconds,
    observed,
    reached - observed                                          as inferred,
    returned                                                    as partially_returned
from steps
order by is_total, grp, step
