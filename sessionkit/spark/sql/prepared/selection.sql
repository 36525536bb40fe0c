-- selection: how many sessions a question is about, and what is not known of them.
-- grain:  one row per application and currency
-- reads:  matching
-- takes:  variable net_applications
-- made from sql/prepared/selection.sql by `python -m tests.tools.translate`: change that one.

WITH counted AS (
  SELECT
    application_id,
    currency,
    COUNT(*) FILTER(WHERE
      in_window AND in_population) AS session_count,
    COUNT(*) FILTER(WHERE
      in_window AND (
        in_population OR was_completed
      )) AS counted,
    COUNT(*) FILTER(WHERE
      in_window AND in_population AND knows_discounts IS NULL) AS ambiguous,
    COUNT(*) FILTER(WHERE
      in_window AND in_population AND NOT knows_discounts) AS unknown,
    COUNT(*) FILTER(WHERE
      in_population AND instant IS NULL) AS undated,
    COUNT(*) FILTER(WHERE
      COALESCE(ARRAY_CONTAINS(CAST(:net_applications AS ARRAY<BIGINT>), application_id), FALSE)
      AND in_window
      AND in_population
      AND has_total
      AND gross IS NULL) AS total_lost
  FROM matching
  GROUP BY
    application_id,
    currency
)
SELECT
  *,
  COALESCE('in ' || currency, 'of application ' || application_id) AS money
FROM counted
