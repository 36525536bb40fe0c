-- time_to_close: how long sessions took from being created to being closed.
-- grain:  one row per group (the columns by_1, by_2, ... of units)
-- reads:  units (one row per session and group), always (groups that have a row even without a
--         session)
-- takes:  variable as_of
-- note:   a session closed more than once took until it was first closed.

with judged as (
    select
        is_total,
        columns('^by_'),
        true                                                        as is_session,
        standing in ('closed', 'partially_returned') or is_seen_closed as is_closed,
        standing = 'open' and not is_seen_closed                    as is_open,
        standing = 'cancelled' and not is_seen_closed               as is_cancelled,
        epoch_us(first_closed_at) - epoch_us(created_at)            as took,
        epoch_us(cast(getvariable('as_of') as timestamptz)) - epoch_us(created_at) as age
    from units
    union all by name
    select * from always
),

counted as (
    select
        is_total,
        columns('^by_'),
        count(is_session)                                                        as session_count,
        count(*) filter (is_closed)                                              as closed_count,
        count(*) filter (is_open)                                                as open_count,
        count(*) filter (is_cancelled)                                           as cancelled_count,
        count(took)                                                              as timed_count,
        quantile_cont(took / 1e6, [0.5, 0.9])                                    as seconds,
        count(*) filter (age >= 3_600_000_000)                                   as age_1_hour,
        count(*) filter (age >= 86_400_000_000)                                  as age_1_day,
        count(*) filter (age >= 259_200_000_000)                                 as age_3_days,
        count(*) filter (age >= 604_800_000_000)                                 as age_7_days,
        count(*) filter (age >= 2_592_000_000_000)                               as age_30_days,
        count(*) filter (age >= 3_600_000_000 and took <= 3_600_000_000)         as closed_1_hour,
        count(*) filter (age >= 86_400_000_000 and took <= 86_400_000_000)       as closed_1_day,
        count(*) filter (age >= 259_200_000_000 and took <= 259_200_000_000)     as closed_3_days,
        count(*) filter (age >= 604_800_000_000 and took <= 604_800_000_000)     as closed_7_days,
        count(*) filter (age >= 2_592_000_000_000 and took <= 2_592_000_000_000) as closed_30_days
    from judged
    group by all
),

per_group as (
    select
        *,
        row(*columns('^by_')) as grp
    from counted
)

select
    is_total,
    grp,
    session_count,
    closed_count,
    open_count,
    cancelled_count,
    timed_count,
    seconds[1]                              as median_seconds,
    seconds[2]                              as p90_seconds,
    closed_1_hour                           as closed_within_1_hour_count,
    age_1_hour                              as matured_1_hour_count,
    closed_1_hour / nullif(age_1_hour, 0)   as closed_within_1_hour_share,
    closed_1_day                            as closed_within_1_day_count,
    age_1_day                               as matured_1_day_count,
    closed_1_day / nullif(age_1_day, 0)     as closed_within_1_day_share,
    closed_3_days                           as closed_within_3_days_count,
    age_3_days                              as matured_3_days_count,
    closed_3_days / nullif(age_3_days, 0)   as closed_within_3_days_share,
    closed_7_days                           as closed_within_7_days_count,
    age_7_days                              as matured_7_days_count,
    closed_7_days / nullif(age_7_days, 0)   as closed_within_7_days_share,
    closed_30_days                          as closed_within_30_days_count,
    age_30_days                             as matured_30_days_count,
    closed_30_days / nullif(age_30_days, 0) as closed_within_30_days_share
from per_group
order by is_total, grp
