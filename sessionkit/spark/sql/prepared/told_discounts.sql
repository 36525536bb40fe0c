-- told_discounts: the discounts of sessions by their names: of their maps, and of those whose
--         discounts only effects tell, of these.
-- grain:  one row per session and label
-- reads:  discounts, counted_effects, evaluated
-- made from sql/prepared/told_discounts.sql by `python -m tests.tools.translate`: change that one.

SELECT
  application_id,
  integration_id,
  label,
  value
FROM discounts
UNION ALL
SELECT
  application_id,
  integration_id,
  label,
  SUM(amount) AS value
FROM counted_effects
SEMI JOIN (
  SELECT
    *
  FROM evaluated
  WHERE
    tells_discounts
) AS told
  USING (application_id, integration_id)
WHERE
  NOT amount IS NULL
GROUP BY
  application_id,
  integration_id,
  label
