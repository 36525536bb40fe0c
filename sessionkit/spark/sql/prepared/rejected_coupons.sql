-- rejected_coupons: which coupon codes were rejected in which sessions, and why.
-- grain:  one row per session, code and reason
-- reads:  effects
-- note:   at any evaluation, not only at the last: a customer takes a code out that is rejected,
--         and goes on. Every evaluation tells of the same rejection again.
-- made from sql/prepared/rejected_coupons.sql by `python -m tests.tools.translate`: change that one.

SELECT DISTINCT
  application_id,
  integration_id,
  coupon_code AS code,
  rejection_reason AS reason
FROM effects
WHERE
  effect_type = 'rejectCoupon'
