-- states: where sessions stand, and what they were worth.
-- grain:  one row per group (the columns by_1, by_2, ... of units) and state, in the order of the
--         life cycle
-- reads:  units (one row per session and group), states, always (groups that have a row even
--         without a session)
-- note:   every group has all four states, also those with no session in them.

with by_state as (
    select
        is_total,
        columns('^by_'),
        state,
        count(*)   as session_count,
        sum(gross) as gross_total
    from units
    group by all
    union all by name
    select * from always
),

per_group as (
    select
        is_total,
        columns('^by_'),
        map_from_entries(
            list((state, session_count)) filter (state is not null)
        )                                               as session_counts,
        map_from_entries(
            list((state, gross_total)) filter (state is not null)
        )                                               as gross_totals,
        cast(coalesce(sum(session_count), 0) as bigint) as group_session_count
    from by_state
    group by all
)

select
    is_total,
    row(*columns('^by_'))                              as grp,
    state,
    coalesce(session_counts[state], 0)                 as session_count,
    group_session_count,
    session_count / nullif(group_session_count, 0)     as share,
    coalesce(gross_totals[state], 0)                   as gross_total
from per_group
cross join states
order by is_total, grp, step
