-- rejected_coupons: which coupon codes were rejected in which sessions, and why.
-- grain:  one row per session, code and reason
-- reads:  effects
-- note:   at any evaluation, not only at the last: a customer takes a code out that is rejected,
--         and goes on. Every evaluation tells of the same rejection again.

select distinct
    application_id,
    integration_id,
    coupon_code      as code,
    rejection_reason as reason
from effects
where effect_type = 'rejectCoupon'
