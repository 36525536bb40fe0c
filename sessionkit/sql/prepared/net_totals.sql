-- net_totals: applications whose totals seem to be after discounts.
-- grain:  one row per application in which most discounted sessions say so
-- reads:  findings (rule total-after-discounts), facts

with found as (
    select
        application_id,
        cast(sum(count) as bigint) as net_count
    from findings
    where rule = 'total-after-discounts'
    group by application_id
),

discounted as (
    select
        application_id,
        count(*) as discounted_count
    from facts
    where known_discount <> 0
        and application_id in (select application_id from found)
    group by application_id
)

select
    application_id,
    net_count,
    discounted_count
from found
inner join discounted using (application_id)
where 2 * net_count > discounted_count
    and coalesce(application_id not in getvariable('net_applications'), true)
order by application_id
