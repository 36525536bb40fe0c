-- Sessions in each state, by application; every group has all four states.
with counted as (
    select application_id, state, count(*) as session_count, sum(total) as gross_total
    from 'sessions.parquet'
    group by all
),
states (state, step) as (
    values ('open', 1), ('closed', 2), ('partially_returned', 3), ('cancelled', 4)
)
select
    application_id,
    state,
    coalesce(session_count, 0)                                            as session_count,
    cast(sum(session_count) over (partition by application_id) as bigint) as group_session_count,
    coalesce(session_count, 0) / group_session_count                      as share,
    coalesce(gross_total, 0)                                              as gross_total
from (select distinct application_id from counted)
cross join states
left join counted using (application_id, state)
order by application_id, step;
