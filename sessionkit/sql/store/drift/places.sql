-- places: applications, and dialects of known ones, that were not there before.
-- grain:  one row per application or dialect

with places as (
    select
        application_id,
        dialect,
        min(load) > getvariable('since')                                   as is_new,
        min(min(load)) over of_application > getvariable('since')          as all_new,
        sum(sum(record_count)) over of_application                         as all_count,
        sum(record_count)                                                  as count
    from kept.periods
    group by application_id, dialect
    window of_application as (partition by application_id)
)

select distinct
    if(all_new, 'new application', 'new dialect') as change,
    application_id,
    if(all_new, null, dialect)                    as dialect,
    null::varchar                                 as name,
    null::varchar                                 as before,
    null::varchar                                 as now,
    if(all_new, all_count, count)::bigint         as count,
    cast([] as varchar[])                         as examples
from places
where is_new
    and exists (select 1 from kept.periods where load <= getvariable('since'))
