-- coupon_fates: whether the coupon codes entered in sessions were accepted or rejected.
-- grain:  one row per session and code, of sessions whose last evaluation is known
-- reads:  coupons, evaluated, counted_effects

with fates as (
    select
        application_id,
        integration_id,
        coupon_code                                          as code,
        bool_or(effect_type = 'acceptCoupon')                as accepted,
        bool_or(effect_type = 'rejectCoupon')                as rejected
    from counted_effects
    where coupon_code is not null
        and not is_undone
    group by all
)

select
    application_id,
    integration_id,
    code,
    coalesce(accepted, false) as accepted,
    coalesce(rejected, false) as rejected
from coupons
semi join evaluated using (application_id, integration_id)
left join fates using (application_id, integration_id, code)
