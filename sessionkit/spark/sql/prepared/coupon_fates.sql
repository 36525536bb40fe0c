-- coupon_fates: whether the coupon codes entered in sessions were accepted or rejected.
-- grain:  one row per session and code, of sessions whose last evaluation is known
-- reads:  coupons, evaluated, counted_effects
-- made from sql/prepared/coupon_fates.sql by `python -m tests.tools.translate`: change that one.

WITH fates AS (
  SELECT
    application_id,
    integration_id,
    coupon_code AS code,
    BOOL_OR(effect_type = 'acceptCoupon') AS accepted,
    BOOL_OR(effect_type = 'rejectCoupon') AS rejected
  FROM counted_effects
  WHERE
    NOT coupon_code IS NULL AND NOT is_undone
  GROUP BY ALL
)
SELECT
  application_id,
  integration_id,
  code,
  COALESCE(accepted, FALSE) AS accepted,
  COALESCE(rejected, FALSE) AS rejected
FROM coupons
SEMI JOIN evaluated
  USING (application_id, integration_id)
LEFT JOIN fates
  USING (application_id, integration_id, code)
