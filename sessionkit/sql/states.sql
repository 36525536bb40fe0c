-- states: where sessions stand, and what they were worth.
-- grain:  one row per group and state, in the order of the life cycle
-- reads:  units (one row per session and group), states, always (groups that have a row even
--         without a session)
-- note:   every group has all four states, also those with no session in them.

with by_state as (
    select
        is_total,
        grp,
        state,
        count(*)   as session_count,
        sum(gross) as gross_total
    from units
    group by is_total, grp, state
),

groups as (
    select
        is_total,
        grp
    from by_state
    union
    select
        is_total,
        grp
    from always
),

counted as (
    select
        groups.is_total,
        groups.grp,
        states.state,
        states.step,
        coalesce(by_state.session_count, 0) as session_count,
        coalesce(by_state.gross_total, 0)   as gross_total
    from groups
    cross join states
    left join by_state
        on by_state.is_total = groups.is_total
            and by_state.grp = groups.grp
            and by_state.state = states.state
)

select
    is_total,
    grp,
    state,
    session_count,
    cast(
        sum(session_count) over (partition by is_total, grp) as bigint
    )                                                          as group_session_count,
    session_count / nullif(group_session_count, 0)             as share,
    gross_total
from counted
order by is_total, grp, step
