-- customer_summary: new, returning and anonymous customers, and what their sessions were worth.
-- grain:  one row per group (the columns by_1, by_2, ... of units) and customer type, all four; in
--         the total row the type is null
-- reads:  units (one row per session and group), always (groups that have a row even without a
--         session)
-- note:   how often customers bought is told of their sessions in the group, of whatever type.
-- made from sql/customer_summary.sql by `python -m tests.tools.translate`: change that one.

WITH customers AS (
  SELECT
    is_total,
    by_group,
    profile,
    nameless_profile,
    BOOL_OR(customer_type = 'new') AS is_new,
    BOOL_OR(customer_type = 'returning') AS is_returning,
    BOOL_OR(customer_type = 'unknown') AS is_unknown,
    COUNT(*) FILTER(WHERE
      is_completed) AS completed_count,
    BOOL_OR(is_completed AND discounted = 'no') AS paid_in_full,
    BOOL_OR(is_completed AND discounted = 'unknown') AS is_unsure
  FROM (
    SELECT
      *,
      state IN ('closed', 'partially_returned') AS is_completed
    FROM units
  )
  WHERE
    NOT profile IS NULL OR NOT nameless_profile IS NULL
  GROUP BY ALL
), customer_rows AS (
  SELECT
    *,
    EXPLODE(
      IF(
        is_total,
        ARRAY(CAST(NULL AS STRING)),
        FILTER(
          ARRAY(
            IF(is_new, 'new', ''),
            IF(is_returning, 'returning', ''),
            IF(is_unknown, 'unknown', '')
          ),
          one -> one <> ''
        )
      )
    ) AS customer_type
  FROM customers
), by_customers AS (
  SELECT
    is_total,
    by_group,
    customer_type,
    COUNT(*) AS customer_count,
    COUNT(*) FILTER(WHERE
      completed_count = 0) AS customer_0_count,
    COUNT(*) FILTER(WHERE
      completed_count = 1) AS customer_1_count,
    COUNT(*) FILTER(WHERE
      completed_count = 2) AS customer_2_count,
    COUNT(*) FILTER(WHERE
      completed_count > 2) AS customer_3_plus_count,
    COUNT(*) FILTER(WHERE
      completed_count > 0 AND NOT paid_in_full AND NOT is_unsure) AS always_discounted_count,
    COUNT(*) FILTER(WHERE
      NOT paid_in_full AND is_unsure) AS maybe_always_discounted_count
  FROM customer_rows
  GROUP BY ALL
), by_sessions AS (
  SELECT
    is_total,
    by_group,
    IF(is_total, NULL, customer_type) AS customer_type,
    COUNT(*) AS session_count,
    SUM(gross) AS gross_total,
    COUNT(gross) AS total_known_count,
    SUM(known_discount) AS discount_total,
    COUNT(*) FILTER(WHERE
      knows_discounts) AS discount_known_count,
    COUNT(*) FILTER(WHERE
      knows_discounts IS NULL) AS discount_ambiguous_count,
    COUNT(*) FILTER(WHERE
      NOT knows_discounts) AS discount_unknown_count,
    COALESCE(SUM(gross) FILTER(WHERE
      knows_discounts), 0) AS discount_known_gross_total,
    COUNT(*) FILTER(WHERE
      discounted = 'yes') AS discounted_count
  FROM units
  GROUP BY ALL
), types(customer_type, is_total, step) AS (
  SELECT
    *
  FROM VALUES
    ('new', FALSE, 1),
    ('returning', FALSE, 2),
    ('unknown', FALSE, 3),
    ('anonymous', FALSE, 4),
    (NULL, TRUE, 5) AS _values
), every_group AS (
  SELECT
    is_total,
    by_group AS grp
  FROM by_sessions
  UNION
  SELECT
    is_total,
    by_group AS grp
  FROM always
), told AS (
  SELECT
    every_group.is_total,
    every_group.grp,
    types.customer_type,
    types.step,
    COALESCE(session_count, 0) AS session_count,
    COALESCE(customer_count, 0) AS customer_count,
    COALESCE(gross_total, 0) AS gross_total,
    COALESCE(total_known_count, 0) AS total_known_count,
    discount_total,
    COALESCE(discount_known_count, 0) AS discount_known_count,
    COALESCE(discount_ambiguous_count, 0) AS discount_ambiguous_count,
    COALESCE(discount_unknown_count, 0) AS discount_unknown_count,
    COALESCE(discount_known_gross_total, 0) AS discount_known_gross_total,
    COALESCE(discounted_count, 0) AS discounted_count,
    COALESCE(customer_0_count, 0) AS customer_0_count,
    COALESCE(customer_1_count, 0) AS customer_1_count,
    COALESCE(customer_2_count, 0) AS customer_2_count,
    COALESCE(customer_3_plus_count, 0) AS customer_3_plus_count,
    COALESCE(always_discounted_count, 0) AS always_discounted_count,
    COALESCE(maybe_always_discounted_count, 0) AS maybe_always_discounted_count
  FROM every_group
  INNER JOIN types
    USING (is_total)
  LEFT JOIN (
    SELECT
      *,
      by_group AS grp
    FROM by_sessions
  ) AS money
    ON money.is_total = every_group.is_total
    AND money.grp = every_group.grp
    AND money.customer_type IS NOT DISTINCT FROM types.customer_type
  LEFT JOIN (
    SELECT
      *,
      by_group AS grp
    FROM by_customers
  ) AS people
    ON people.is_total = every_group.is_total
    AND people.grp = every_group.grp
    AND people.customer_type IS NOT DISTINCT FROM types.customer_type
)
SELECT
  is_total,
  grp,
  CAST(customer_type AS STRING) AS customer_type,
  CAST(session_count AS BIGINT) AS session_count,
  CAST(CAST(SUM(session_count) OVER same_group AS BIGINT) AS BIGINT) AS group_session_count,
  CAST((
    CAST(session_count AS DOUBLE) / CAST(NULLIF(group_session_count, 0) AS DOUBLE)
  ) AS DOUBLE) AS share,
  CAST(customer_count AS BIGINT) AS customer_count,
  CAST(gross_total AS DECIMAL(38, 18)) AS gross_total,
  CAST(total_known_count AS BIGINT) AS total_known_count,
  CAST((
    CAST(gross_total AS DOUBLE) / CAST(NULLIF(total_known_count, 0) AS DOUBLE)
  ) AS DOUBLE) AS avg_session_value,
  CAST(discount_total AS DECIMAL(38, 18)) AS discount_total,
  CAST(discount_known_count AS BIGINT) AS discount_known_count,
  CAST(discount_ambiguous_count AS BIGINT) AS discount_ambiguous_count,
  CAST(discount_unknown_count AS BIGINT) AS discount_unknown_count,
  CAST(discount_known_gross_total AS DECIMAL(38, 18)) AS discount_known_gross_total,
  CAST(discount_known_gross_total - discount_total AS DECIMAL(38, 18)) AS net_total,
  CAST(discounted_count AS BIGINT) AS discounted_count,
  CAST(IF(
    discount_ambiguous_count = 0,
    (
      CAST(discount_total AS DOUBLE) / CAST(NULLIF(discount_known_gross_total, 0) AS DOUBLE)
    ),
    NULL
  ) AS DOUBLE) AS discount_rate,
  CAST(IF(
    discount_ambiguous_count = 0,
    (
      CAST(discounted_count AS DOUBLE) / CAST(NULLIF(discount_known_count, 0) AS DOUBLE)
    ),
    NULL
  ) AS DOUBLE) AS discount_penetration,
  CAST(customer_0_count AS BIGINT) AS customer_0_count,
  CAST(customer_1_count AS BIGINT) AS customer_1_count,
  CAST(customer_2_count AS BIGINT) AS customer_2_count,
  CAST(customer_3_plus_count AS BIGINT) AS customer_3_plus_count,
  CAST((
    CAST(customer_2_count + customer_3_plus_count AS DOUBLE) / CAST(NULLIF(customer_1_count + customer_2_count + customer_3_plus_count, 0) AS DOUBLE)
  ) AS DOUBLE) AS repeat_rate,
  CAST(always_discounted_count AS BIGINT) AS always_discounted_count,
  CAST(maybe_always_discounted_count AS BIGINT) AS maybe_always_discounted_count
FROM told
WINDOW same_group AS (PARTITION BY is_total, grp)
ORDER BY
  is_total NULLS LAST,
  grp NULLS LAST,
  step NULLS LAST
