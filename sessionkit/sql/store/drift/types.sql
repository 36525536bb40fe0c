-- types: attributes whose values are of another kind than before; null is of none.
-- grain:  one row per attribute

with kinds as (
    select
        application_id,
        name,
        list(distinct type order by type) filter (where load <= getvariable('since')) as before,
        list(distinct type order by type) filter (where load > getvariable('since'))  as now
    from kept.vocabulary
    where what = 'attribute'
        and type <> 'null'
    group by application_id, name
),

other as (
    select *, list_filter(now, lambda kind: not list_contains(before, kind)) as brought
    from kinds
    where before is not null
        and now is not null
)

select
    'other type' as change,
    application_id,
    null::varchar as dialect,
    name,
    array_to_string(before, ', ') as before,
    array_to_string(now, ', ')    as now,
    (
        select sum(count)::bigint
        from kept.vocabulary as word
        where word.what = 'attribute'
            and word.load > getvariable('since')
            and word.application_id = other.application_id
            and word.name = other.name
            and list_contains(other.brought, word.type)
    ) as count,
    cast([] as varchar[]) as examples
from other
where len(brought) > 0
