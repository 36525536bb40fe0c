-- outcomes: how sessions ended, or did not, and what they were worth.
-- grain:  one row per group (the columns by_1, by_2, ... of units) and outcome, best first; `idle`
--         only where a timeout was given
-- reads:  ends (one row per session and group, with its outcome), always (groups that have a row
--         even without a session)
-- takes:  variables as_of, has_timeout

with judged as (
    select
        is_total,
        columns('^by_'),
        gross,
        (epoch_us(cast(getvariable('as_of') as timestamptz)) - epoch_us(created_at)) / 1e6 as age,
        outcome
    from ends
),

told as materialized (
    select
        is_total,
        columns('^by_'),
        outcome,
        count(*)                as session_count,
        sum(gross)              as gross_total,
        quantile_cont(age, 0.5) as median_age_seconds
    from judged
    group by all
),

by_outcome as (
    select
        *,
        row(*columns('^by_')) as grp
    from told
),

groups as (
    select
        is_total,
        grp
    from by_outcome
    union
    select
        is_total,
        row(*columns('^by_')) as grp
    from always
),

outcomes (outcome, step) as (
    values
        ('kept_whole', 1),
        ('partially_returned', 2),
        ('revoked', 3),
        ('cancelled_open', 4),
        ('cancelled_unknown', 5),
        ('idle', 6),
        ('in_progress', 7)
),

counted as (
    select
        groups.is_total,
        groups.grp,
        outcomes.outcome,
        outcomes.step,
        coalesce(by_outcome.session_count, 0) as session_count,
        coalesce(by_outcome.gross_total, 0)   as gross_total,
        by_outcome.median_age_seconds
    from groups
    cross join outcomes
    left join by_outcome
        on by_outcome.is_total = groups.is_total
            and by_outcome.grp = groups.grp
            and by_outcome.outcome = outcomes.outcome
    where outcomes.outcome <> 'idle'
        or getvariable('has_timeout')
)

select
    is_total,
    grp,
    outcome,
    session_count,
    cast(sum(session_count) over same_group as bigint) as group_session_count,
    session_count / nullif(group_session_count, 0)     as share,
    gross_total,
    median_age_seconds,
    if(
        getvariable('has_timeout'),
        cast(
            sum(session_count) filter (outcome in ('cancelled_open', 'idle')) over same_group
            as bigint
        ),
        null
    )                                                  as abandoned
from counted
window same_group as (partition by is_total, grp)
order by is_total, grp, step
