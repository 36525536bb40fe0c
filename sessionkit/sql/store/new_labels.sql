-- new_labels: notes base labels that no load brought before.
-- reads:  records_alone.discounts, records_several.discounts, kept.vocabulary
-- takes:  load; first, the number of its first record

insert into kept.vocabulary by name
select
    $load as load,
    'label' as what,
    application_id,
    base_label as name,
    sum(told_count) as count
from (
    select
        application_id,
        regexp_replace(label, '([^\s\p{Z}])#[0-9]+$', '\1') as base_label,
        count(*) as told_count
    from (
        select application_id, label from records_alone.discounts where record >= $first
        union all
        select application_id, label from records_several.discounts where record >= $first
    )
    group by application_id, label
) as told
anti join (select application_id, name from kept.vocabulary where what = 'label') as known
    on known.application_id = told.application_id
    and known.name = told.base_label
group by application_id, base_label
order by application_id, base_label
