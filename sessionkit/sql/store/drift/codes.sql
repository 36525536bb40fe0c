-- codes: how many base labels and coupon codes were not there before, with the most frequent ones.
-- grain:  one row per application, for labels and for codes
-- reads:  kept.vocabulary, which has each with the load that brought it first

with codes as (
    select *, load > getvariable('since') as is_new
    from kept.vocabulary
    where what in ('label', 'coupon')
)

select
    'new ' || what || 's'   as change,
    application_id,
    null::varchar           as dialect,
    null::varchar           as name,
    format('{:,} known', count(*) filter (where not is_new)) as before,
    format('{:,} more', count(*) filter (where is_new))      as now,
    count(*) filter (where is_new)                           as count,
    list(name order by count desc, name) filter (where is_new)[:5] as examples
from codes
where application_id in (select application_id from kept.periods where load <= getvariable('since'))
group by what, application_id
having count(*) filter (where is_new) > 0
