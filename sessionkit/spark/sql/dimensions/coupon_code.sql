-- coupon_code: the coupon codes entered in a session.
-- grain:  one row per session and code
-- reads:  coupons
-- made from sql/dimensions/coupon_code.sql by `python -m tests.tools.translate`: change that one.

SELECT
  application_id,
  integration_id,
  code AS value
FROM coupons
