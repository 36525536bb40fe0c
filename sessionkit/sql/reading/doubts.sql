-- doubts: why records were rejected, and what is odd in those that were taken in; counted only.
-- grain:  one row per reason or rule, rejects first, then the gravest findings
-- reads:  rejects, findings
-- note:   a reject with several reasons stands under each, once.

with reasons as (
    select distinct reject, reason.code as code
    from (
        select row_number() over () as reject, unnest(reasons) as reason
        from rejects
    )
)

select 'rejected' as kind, code as name, count(*) as count
from reasons
group by code
union all
select severity, rule, cast(sum(count) as bigint)
from findings
group by severity, rule
order by
    list_position(['rejected', 'error', 'warning', 'info'], kind),
    count desc,
    name
