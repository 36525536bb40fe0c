-- gaps: days (UTC) on which no session was created, between days on which some were.
-- grain:  one row per application and stretch of such days
-- reads:  sessions, kept.periods
-- note:   only gaps in, or at the edge of, what the new loads cover; older ones were told before.

with days as (
    select distinct application_id, cast(created_at as date) as day
    from sessions
),

stretches as (
    select
        application_id,
        lag(day) over (partition by application_id order by day) + 1 as first_day,
        day - 1                                                      as last_day
    from days
),

covered as (
    select
        application_id,
        cast(min(first_created_at) as date) as first_day,
        cast(max(last_created_at) as date)  as last_day
    from kept.periods
    where load > getvariable('since')
    group by application_id
)

select
    'gap'                                  as change,
    application_id,
    null::varchar                          as dialect,
    if(gap.first_day = gap.last_day, '', strftime(gap.first_day, '%Y-%m-%d to '))
    || strftime(gap.last_day, '%Y-%m-%d')  as name,
    null::varchar                          as before,
    null::varchar                          as now,
    gap.last_day - gap.first_day + 1       as count,
    cast([] as varchar[])                  as examples
from stretches as gap
join covered using (application_id)
where gap.first_day <= gap.last_day
    and gap.first_day <= covered.last_day + 1
    and gap.last_day >= covered.first_day - 1
