-- How far sessions came: created, closed, kept.
with counted as (
    select
        count(*)                                                              as entered,
        count(*) filter (state in ('closed', 'partially_returned') or closed_at is not null) as closed,
        count(closed_at)                                                      as closed_seen,
        count(*) filter (state = 'cancelled' and closed_at is null and not times_known) as unclear,
        count(*) filter (state = 'open' and closed_at is null)                as may_close,
        count(*) filter (state in ('closed', 'partially_returned'))           as kept,
        count(closed_at) filter (state in ('closed', 'partially_returned'))   as kept_seen,
        count(*) filter (state = 'open' and closed_at is not null)            as reopened,
        count(*) filter (state = 'partially_returned')                        as returned,
        quantile_cont((epoch_us(closed_at) - epoch_us(created_at)) / 1e6, [0.5, 0.9]) as closed_after,
        quantile_cont((epoch_us(closed_at) - epoch_us(created_at)) / 1e6, [0.5, 0.9])
            filter (state in ('closed', 'partially_returned'))                as kept_after
    from 'sessions.parquet'
),
steps as (
    select 1 as step, 'created' as name, entered, entered as reached, 0 as unknown,
        cast(null as bigint) as before, 0 as in_progress, 0.0 as median_seconds,
        0.0 as p90_seconds, entered as observed, cast(null as bigint) as partially_returned
    from counted
    union all
    select 2, 'closed', entered, closed, unclear, entered, may_close, closed_after[1],
        closed_after[2], closed_seen, null
    from counted
    union all
    select 3, 'kept', entered, kept, 0, closed, reopened, kept_after[1], kept_after[2],
        kept_seen, returned
    from counted
)
select
    step, name, entered, reached, unknown,
    reached / before                                        as from_previous,
    reached / entered                                       as from_first,
    (reached + unknown) / entered                           as from_first_high,
    coalesce(before - reached - in_progress - unknown, 0)   as dropped,
    in_progress,
    cast(null as bigint)                                    as matured,
    cast(null as double)                                    as conversion_rate,
    median_seconds, p90_seconds, observed,
    reached - observed                                      as inferred,
    partially_returned
from steps
order by step;
