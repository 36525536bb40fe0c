-- new_coupons: notes coupon codes that no load brought before.
-- reads:  records_alone.coupons, records_several.coupons, kept.vocabulary
-- takes:  load; first, the number of its first record

insert into kept.vocabulary by name
select
    $load as load,
    'coupon' as what,
    application_id,
    code as name,
    count(*) as count
from (
    select application_id, code from records_alone.coupons where record >= $first
    union all
    select application_id, code from records_several.coupons where record >= $first
) as told
anti join (select application_id, name from kept.vocabulary where what = 'coupon') as known
    on known.application_id = told.application_id
    and known.name = told.code
group by application_id, code
order by application_id, code
