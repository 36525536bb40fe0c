-- effect_discounts: the discounts of sessions that only their effects tell.
-- grain:  one row per session
-- reads:  evaluated, counted_effects
-- made from sql/prepared/effect_discounts.sql by `python -m tests.tools.translate`: change that one.

SELECT
  evaluated.application_id,
  evaluated.integration_id,
  COALESCE(SUM(counted_effects.amount), 0) AS effect_discount
FROM evaluated
LEFT JOIN counted_effects
  USING (application_id, integration_id)
WHERE
  evaluated.tells_discounts
GROUP BY
  evaluated.application_id,
  evaluated.integration_id
