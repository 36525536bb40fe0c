-- rfm: how recently, how often and for how much each customer bought, scored 1 to 5.
-- grain:  one row per group (the columns by_1, by_2, ... of units) and customer, the best first
-- reads:  units (one row per session and group)
-- takes:  variables as_of (later sessions are left out), money_is_net
-- note:   a score is made of whole numbers: of n customers, `rank - 1` do worse, and
--         1 + 5 * (rank - 1) // n is 5 where at least four fifths do. Equal values rank alike.
-- made from sql/rfm.sql by `python -m tests.tools.translate`: change that one.

WITH per_customer AS (
  SELECT
    is_total,
    by_group,
    profile,
    nameless_profile,
    MAX(instant) AS last_at,
    COUNT(*) AS frequency,
    SUM(gross) AS gross_total,
    COUNT(gross) AS gross_known_count,
    COALESCE(SUM(gross) FILTER(WHERE
      knows_discounts), 0) - SUM(known_discount) AS net_total,
    COUNT(known_discount) AS net_known_count
  FROM units
  WHERE
    (
      NOT profile IS NULL OR NOT nameless_profile IS NULL
    )
    AND COALESCE(instant <= CAST(CAST(:as_of AS TIMESTAMP) AS TIMESTAMP), TRUE)
  GROUP BY ALL
), customers AS (
  SELECT
    is_total,
    by_group AS grp,
    profile AS profile_id,
    nameless_profile AS profile_internal_id,
    last_at,
    CAST((
      UNIX_MICROS(CAST(CAST(:as_of AS TIMESTAMP) AS TIMESTAMP)) - UNIX_MICROS(last_at)
    ) DIV 86400000000 AS BIGINT) AS recency_days,
    frequency,
    IF(CAST(:money_is_net AS BOOLEAN), net_total, gross_total) AS money,
    IF(CAST(:money_is_net AS BOOLEAN), net_known_count, gross_known_count) AS money_known_count
  FROM per_customer
), ranked AS (
  SELECT
    *,
    RANK() OVER (PARTITION BY is_total, grp ORDER BY recency_days DESC) AS recency_rank,
    RANK() OVER (PARTITION BY is_total, grp ORDER BY frequency NULLS LAST) AS frequency_rank,
    RANK() OVER (PARTITION BY is_total, grp ORDER BY money NULLS LAST) AS money_rank,
    COUNT(*) OVER same_group AS scored_count,
    COUNT(recency_days) OVER same_group AS dated_count,
    COUNT(money) OVER same_group AS valued_count
  FROM customers
  WINDOW same_group AS (PARTITION BY is_total, grp)
), scored AS (
  SELECT
    *,
    IF(recency_days IS NULL, NULL, 1 + 5 * (
      recency_rank - 1
    ) DIV dated_count) AS recency_score,
    1 + 5 * (
      frequency_rank - 1
    ) DIV scored_count AS frequency_score,
    IF(money IS NULL, NULL, 1 + 5 * (
      money_rank - 1
    ) DIV valued_count) AS money_score
  FROM ranked
)
SELECT
  is_total,
  grp,
  CAST(profile_id AS STRING) AS profile_id,
  CAST(profile_internal_id AS BIGINT) AS profile_internal_id,
  CAST(last_at AS TIMESTAMP) AS last_at,
  CAST(recency_days AS BIGINT) AS recency_days,
  CAST(frequency AS BIGINT) AS frequency,
  CAST(money AS DECIMAL(38, 18)) AS money,
  CAST(money_known_count AS BIGINT) AS money_known_count,
  CAST(recency_score AS BIGINT) AS recency_score,
  CAST(frequency_score AS BIGINT) AS frequency_score,
  CAST(money_score AS BIGINT) AS money_score,
  CAST(CAST(recency_score AS STRING) || frequency_score || money_score AS STRING) AS rfm
FROM scored
ORDER BY
  is_total NULLS LAST,
  grp NULLS LAST,
  rfm DESC,
  money DESC,
  frequency DESC,
  last_at DESC,
  profile_id NULLS LAST,
  profile_internal_id NULLS LAST
