-- funnel: how far sessions came: created, closed, kept.
-- grain:  one row per group (the columns by_1, by_2, ... of units) and step
-- reads:  units (one row per session and group), always (groups that have a row even without a
--         session)
-- takes:  variables has_window, matured_before (sessions created until then have had the whole
--         window), window_us
-- note:   a reopened session was closed, is not kept, and can still be. A cancelled session of
--         which nothing tells whether it was closed is unknown at `closed`; at `kept` it is out
--         for certain.
--         Sessions that are alike are counted first: by far the quickest way to so many counts.

with alike as (
    select
        is_total,
        columns('^by_'),
        standing,
        tells_closing,
        is_seen_closed                                               as saw_closing,
        coalesce(created_at <= getvariable('matured_before'), false) as is_matured,
        coalesce(
            epoch_us(first_closed_at) - epoch_us(created_at) <= getvariable('window_us'), false
        )                                                            as is_in_time,
        coalesce(
            epoch_us(last_closed_at) - epoch_us(created_at) <= getvariable('window_us'), false
        )                                                            as is_kept_in_time,
        count(*)                                                     as sessions
    from units
    group by all
),

judged as (
    select
        *,
        standing = 'open'                                                as is_open,
        standing in ('closed', 'partially_returned')                     as is_kept,
        standing = 'partially_returned'                                  as is_returned,
        standing = 'cancelled' and not saw_closing and not tells_closing as is_unclear
    from alike
    union all by name
    select * from always
),

counted as (
    select
        is_total,
        columns('^by_'),
        coalesce(sum(sessions), 0)                                             as entered,
        coalesce(sum(sessions) filter (is_kept or saw_closing), 0)             as closed,
        coalesce(sum(sessions) filter (saw_closing), 0)                        as closed_seen,
        coalesce(sum(sessions) filter (is_unclear), 0)                         as unclear,
        coalesce(sum(sessions) filter (is_open and not saw_closing), 0)        as may_close,
        coalesce(sum(sessions) filter (is_kept), 0)                            as kept,
        coalesce(sum(sessions) filter (is_kept and saw_closing), 0)            as kept_seen,
        coalesce(sum(sessions) filter (is_open and saw_closing), 0)            as reopened,
        coalesce(sum(sessions) filter (is_returned), 0)                        as returned,
        coalesce(sum(sessions) filter (is_matured), 0)                         as matured,
        coalesce(sum(sessions) filter (is_matured and is_in_time), 0)          as closed_in_time,
        coalesce(sum(sessions) filter (is_matured and is_kept_in_time and is_kept), 0) as kept_in_time
    from judged
    group by all
),

delays as (
    select
        is_total,
        columns('^by_'),
        quantile_cont((epoch_us(first_closed_at) - epoch_us(created_at)) / 1e6, [0.5, 0.9])
            as closed_after,
        quantile_cont((epoch_us(last_closed_at) - epoch_us(created_at)) / 1e6, [0.5, 0.9])
            filter (standing in ('closed', 'partially_returned'))
            as kept_after
    from units
    where first_closed_at is not null
    group by all
),

per_group as materialized (
    select *
    from (select *, row(*columns('^by_')) as grp from counted)
    left join (
        select is_total, row(*columns('^by_')) as grp, closed_after, kept_after
        from delays
    ) using (is_total, grp)
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
        closed_in_time, closed_after[1],
        closed_after[2], closed_seen, null
    from per_group
    union all
    select
        is_total, grp, 3, 'kept', entered, kept,
        0, closed, reopened, matured,
        kept_in_time, kept_after[1],
        kept_after[2], kept_seen, returned
    from per_group
)

select
    is_total,
    grp,
    step,
    name,
    cast(entered as bigint)                                       as entered,
    cast(reached as bigint)                                       as reached,
    cast(unknown as bigint)                                       as unknown,
    reached / nullif(before, 0)                                 as from_previous,
    reached / nullif(entered, 0)                                as from_first,
    (reached + unknown) / nullif(entered, 0)                    as from_first_high,
    cast(coalesce(before - reached - in_progress - unknown, 0) as bigint) as dropped,
    cast(in_progress as bigint)                                   as in_progress,
    cast(if(getvariable('has_window'), matured, null) as bigint) as matured,
    if(getvariable('has_window'), in_time / nullif(matured, 0), null) as conversion_rate,
    median_seconds,
    p90_seconds,
    cast(observed as bigint)                                      as observed,
    cast(reached - observed as bigint)                          as inferred,
    cast(returned as bigint)                                    as partially_returned
from steps
order by is_total, grp, step
