-- net_totals: applications whose totals seem to be after discounts.
-- grain:  one row per application in which most discounted sessions say so
-- reads:  findings (rule total-after-discounts), facts
-- made from sql/prepared/net_totals.sql by `python -m tests.tools.translate`: change that one.

WITH found AS (
  SELECT
    application_id,
    CAST(SUM(count) AS BIGINT) AS net_count
  FROM findings
  WHERE
    rule = 'total-after-discounts'
  GROUP BY
    application_id
), discounted AS (
  SELECT
    application_id,
    COUNT(*) AS discounted_count
  FROM facts
  WHERE
    known_discount <> 0
    AND application_id IN (
      SELECT
        application_id
      FROM found
    )
  GROUP BY
    application_id
)
SELECT
  application_id,
  net_count,
  discounted_count
FROM found
INNER JOIN discounted
  USING (application_id)
WHERE
  2 * net_count > discounted_count
  AND COALESCE(NOT ARRAY_CONTAINS(CAST(:net_applications AS ARRAY<BIGINT>), application_id), TRUE)
ORDER BY
  application_id NULLS LAST
