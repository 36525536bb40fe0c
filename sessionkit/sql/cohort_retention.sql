-- cohort_retention: of the customers who began together, how many came back, and when.
-- grain:  one row per group (the columns by_1, by_2, ... of units), cohort and period
-- reads:  facts (every session of the source), history (sessions of any time and state by group),
--         units (one row per session and group)
-- takes:  variables period, period_months and period_days (its length), tell_began (whether
--         cohorts that began at a discount stand apart), as_of, since, until, tz
-- note:   a time and a rank are one number, time * 4 + rank, so that one minimum finds the earliest
--         session and what it says: by rank where several are equally early.

with earliest as (
    select
        profile,
        nameless_profile,
        min(
            epoch_us(created_at) * 4
            + case customer_type when 'new' then 0 when 'unknown' then 1 else 2 end
        ) as created_and_rank
    from facts
    where profile is not null
        or nameless_profile is not null
    group by profile, nameless_profile
),

firsts as (
    select
        is_total,
        columns('^by_'),
        profile,
        nameless_profile,
        bool_or(is_completed) as has_completed,
        min(
            epoch_us(instant) * 4
            + case discounted when 'yes' then 0 when 'no' then 1 else 2 end
        ) filter (is_completed) as instant_and_rank
    from (select *, state in ('closed', 'partially_returned') as is_completed from history)
    where (profile is not null or nameless_profile is not null)
        and coalesce(instant <= cast(getvariable('as_of') as timestamptz), true)
    group by all
),

begun as (
    select
        firsts.*,
        (created_and_rank % 4 + 4) % 4          as told_rank,
        (instant_and_rank % 4 + 4) % 4          as discount_rank,
        timezone(
            getvariable('tz'), make_timestamptz((instant_and_rank - discount_rank) // 4)
        )                                       as began_at
    from firsts
    inner join earliest
        on earliest.profile is not distinct from firsts.profile
            and earliest.nameless_profile is not distinct from firsts.nameless_profile
),

customers as (
    select
        is_total,
        row(*columns('^by_'))                                               as grp,
        profile,
        nameless_profile,
        told_rank,
        has_completed and told_rank = 2                                     as is_earlier,
        case
            when not getvariable('tell_began') or not has_completed then null
            when is_earlier or discount_rank is null then 'unknown'
            else ['yes', 'no', 'unknown'][discount_rank + 1]
        end                                                                 as first_discounted,
        if(
            is_earlier, null, cast(date_trunc(getvariable('period'), began_at) as date)
        )                                                                   as cohort_day
    from begun
),

sizes as (
    select
        is_total,
        grp,
        first_discounted,
        is_earlier,
        cohort_day,
        count(*)                             as customer_count,
        count(*) filter (told_rank = 1)      as first_unknown_count,
        min(cohort_day) over ()              as first_cohort_day
    from customers
    group by is_total, grp, first_discounted, is_earlier, cohort_day
),

seen as (
    select
        is_total,
        row(*columns('^by_'))                                      as grp,
        profile,
        nameless_profile,
        cast(date_trunc(getvariable('period'), local_time) as date) as period,
        count(*)                                                   as session_count,
        sum(gross)                                                 as gross_total,
        count(gross)                                               as total_known_count
    from units
    where (profile is not null or nameless_profile is not null)
        and coalesce(instant <= cast(getvariable('as_of') as timestamptz), true)
    group by all
),

active as (
    select
        is_total,
        grp,
        first_discounted,
        is_earlier,
        cohort_day,
        period,
        count(*)                                as active_count,
        cast(sum(session_count) as bigint)      as session_count,
        sum(gross_total)                        as gross_total,
        cast(sum(total_known_count) as bigint)  as total_known_count
    from seen
    inner join customers using (is_total, grp)
    where customers.profile is not distinct from seen.profile
        and customers.nameless_profile is not distinct from seen.nameless_profile
    group by all
),

spans as (
    select
        is_total,
        grp,
        min(day)     as first_day,
        cast(
            date_trunc(
                getvariable('period'),
                timezone(getvariable('tz'), cast(getvariable('as_of') as timestamptz))
            ) as date
        )            as last_day
    from (
        select is_total, grp, cohort_day as day from sizes
        union all
        select is_total, grp, period from active where is_earlier
    )
    group by is_total, grp
),

places as (
    select
        is_total,
        grp,
        first_discounted,
        is_earlier,
        cohort_day,
        coalesce(cohort_day, first_day) as from_day,
        unnest(range(date_diff(getvariable('period'), first_day, last_day) + 1)) as place
    from sizes
    inner join spans using (is_total, grp)
    where cohort_day is not null
        or is_earlier
),

cells as (
    select
        is_total,
        grp,
        first_discounted,
        is_earlier,
        cohort_day,
        period,
        cast(coalesce(sum(active_count), 0) as bigint)      as active_count,
        cast(coalesce(sum(session_count), 0) as bigint)     as session_count,
        coalesce(sum(gross_total), 0)                       as gross_total,
        cast(coalesce(sum(total_known_count), 0) as bigint) as total_known_count
    from (
        select
            * exclude (from_day, place),
            cast(
                from_day
                + to_months(cast(place * getvariable('period_months') as integer))
                + to_days(cast(place * getvariable('period_days') as integer))
                as date
            ) as period
        from places
        union all by name
        select * from active
    )
    group by is_total, grp, first_discounted, is_earlier, cohort_day, period
),

told as (
    select
        cells.*,
        customer_count,
        first_unknown_count,
        first_cohort_day,
        date_diff(getvariable('period'), cells.cohort_day, period) as age,
        last_day,
        coalesce(period <= last_day, true)
            and coalesce(period < timezone(
                getvariable('tz'), cast(getvariable('until') as timestamptz)
            ), true)
            and coalesce(
                period
                + to_months(getvariable('period_months'))
                + to_days(getvariable('period_days'))
                > timezone(getvariable('tz'), cast(getvariable('since') as timestamptz)), true
            ) as is_told
    from cells
    inner join sizes
        on sizes.is_total = cells.is_total
            and sizes.grp = cells.grp
            and sizes.first_discounted is not distinct from cells.first_discounted
            and sizes.is_earlier = cells.is_earlier
            and sizes.cohort_day is not distinct from cells.cohort_day
    inner join spans
        on spans.is_total = cells.is_total
            and spans.grp = cells.grp
)

select
    is_total,
    grp,
    first_discounted,
    if(is_earlier, 'earlier', cast(cohort_day as varchar))         as cohort,
    period,
    age,
    coalesce(period = last_day, false)                             as is_current,
    coalesce(cohort_day = first_cohort_day, false)
        and first_unknown_count > 0                                as left_censored,
    first_unknown_count,
    customer_count,
    if(is_told, active_count, null)                                as active_count,
    if(is_told, active_count / customer_count, null)               as retention,
    if(is_told, session_count, null)                               as session_count,
    if(is_told, gross_total, null)                                 as gross_total,
    if(is_told, total_known_count, null)                           as total_known_count
from told
order by is_total, grp, first_discounted, not is_earlier, cohort_day nulls last, period nulls last
