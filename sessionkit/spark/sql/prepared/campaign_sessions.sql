-- campaign_sessions: which campaigns hold which sessions, and what they did there.
-- grain:  one row per session and campaign that did more to it than call, tell, reject or roll back
-- reads:  counted_effects
-- made from sql/prepared/campaign_sessions.sql by `python -m tests.tools.translate`: change that one.

SELECT
  application_id,
  integration_id,
  campaign_id,
  COALESCE(SUM(value), 0) AS discount_total,
  COALESCE(SUM(value) FILTER(WHERE
    is_of_items), 0) AS items_discount_total,
  COALESCE(SUM(desired_value - granted_value) FILTER(WHERE
    NOT is_undone), 0) AS unmet,
  COUNT(*) FILTER(WHERE
    effect_type = 'acceptCoupon' AND NOT is_undone) AS coupon_count
FROM counted_effects
GROUP BY
  application_id,
  integration_id,
  campaign_id
HAVING
  BOOL_OR(is_applied)
