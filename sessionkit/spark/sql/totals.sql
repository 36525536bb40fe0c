-- totals: how many sessions there are, what they were worth, and what the discounts cost.
-- grain:  one row per group (the columns by_1, by_2, ... of units)
-- reads:  units (one row per session and group), cart_items, additional_costs,
--         always (groups that have a row even without a session)
-- note:   lines and costs are summed apart from the sessions, so that no session counts twice. Of
--         the lines only those matter that came back, or may have.
-- made from sql/totals.sql by `python -m tests.tools.translate`: change that one.

WITH children AS (
  SELECT
    application_id,
    integration_id,
    price * returned_quantity AS returned_total,
    NULL AS additional_cost_total,
    0 AS returned_unknown_count
  FROM cart_items
  WHERE
    returned_quantity <> 0
  UNION ALL
  SELECT
    application_id,
    integration_id,
    NULL,
    price,
    0
  FROM additional_costs
  UNION ALL
  SELECT DISTINCT
    application_id,
    integration_id,
    NULL,
    NULL,
    1
  FROM cart_items
  WHERE
    returned_quantity IS NULL OR (
      returned_quantity <> 0 AND price IS NULL
    )
), beside AS (
  SELECT
    is_total,
    by_group,
    SUM(returned_total) AS returned_total,
    SUM(additional_cost_total) AS additional_cost_total,
    CAST(SUM(returned_unknown_count) AS BIGINT) AS returned_unknown_count
  FROM units
  INNER JOIN children
    USING (application_id, integration_id)
  GROUP BY ALL
), every AS (
  SELECT
    is_total,
    by_group,
    application_id,
    integration_id,
    store_id,
    currency,
    state,
    created_at,
    updated_at,
    closed_at,
    first_closed_at,
    last_closed_at,
    tells_closing,
    instant,
    local_time,
    profile,
    nameless_profile,
    customer_type,
    has_total,
    gross,
    items_total,
    line_count,
    unit_count,
    knows_discounts,
    known_discount,
    is_told_by_effects,
    discounted,
    has_coupon,
    referral_code,
    standing,
    is_seen_closed,
    revoked,
    was_completed,
    in_population,
    in_window,
    TRUE AS is_session
  FROM units
  UNION ALL
  SELECT
    is_total,
    by_group,
    application_id,
    NULL AS integration_id,
    NULL AS store_id,
    currency,
    NULL AS state,
    NULL AS created_at,
    NULL AS updated_at,
    NULL AS closed_at,
    NULL AS first_closed_at,
    NULL AS last_closed_at,
    NULL AS tells_closing,
    NULL AS instant,
    NULL AS local_time,
    NULL AS profile,
    NULL AS nameless_profile,
    NULL AS customer_type,
    NULL AS has_total,
    NULL AS gross,
    NULL AS items_total,
    NULL AS line_count,
    NULL AS unit_count,
    NULL AS knows_discounts,
    NULL AS known_discount,
    NULL AS is_told_by_effects,
    NULL AS discounted,
    NULL AS has_coupon,
    NULL AS referral_code,
    NULL AS standing,
    NULL AS is_seen_closed,
    NULL AS revoked,
    NULL AS was_completed,
    NULL AS in_population,
    NULL AS in_window,
    FALSE AS is_session
  FROM always
), per_group AS (
  SELECT
    is_total,
    by_group,
    COUNT(*) FILTER(WHERE
      is_session) AS session_count,
    COUNT(DISTINCT profile) + COUNT(DISTINCT nameless_profile) AS customer_count,
    COALESCE(SUM(gross), 0) AS gross_total,
    COUNT(gross) AS total_known_count,
    COALESCE(SUM(items_total), 0) AS items_total,
    COUNT(items_total) AS priced_count,
    SUM(known_discount) AS discount_total,
    COUNT(*) FILTER(WHERE
      knows_discounts) AS discount_known_count,
    COUNT(*) FILTER(WHERE
      is_session AND knows_discounts IS NULL) AS discount_ambiguous_count,
    COUNT(*) FILTER(WHERE
      NOT knows_discounts) AS discount_unknown_count,
    COALESCE(SUM(gross) FILTER(WHERE
      knows_discounts), 0) AS discount_known_gross_total,
    CAST(COALESCE(SUM(unit_count), 0) AS BIGINT) AS unit_count,
    CAST(COALESCE(SUM(line_count), 0) AS BIGINT) AS line_count,
    CAST(TRY_ELEMENT_AT(ANY_VALUE(quantiles_1.found), 1) AS DOUBLE) AS median_session_value,
    COUNT(*) FILTER(WHERE
      discounted = 'yes') AS discounted_count
  FROM every
  LEFT JOIN (
    SELECT
      key_1,
      key_2,
      ARRAY(
        IF(
          low_1 = high_1,
          CAST(low_1 AS DOUBLE),
          CAST(low_1 AS DOUBLE) * (
            1 - (
              CAST(0.5 AS DOUBLE) * (
                among - 1
              ) - FLOOR(CAST(0.5 AS DOUBLE) * (
                among - 1
              ))
            )
          ) + CAST(high_1 AS DOUBLE) * (
            CAST(0.5 AS DOUBLE) * (
              among - 1
            ) - FLOOR(CAST(0.5 AS DOUBLE) * (
              among - 1
            ))
          )
        )
      ) AS found
    FROM (
      SELECT
        key_1,
        key_2,
        MAX(among) AS among,
        MIN(value) FILTER(WHERE
          upto > FLOOR(CAST(0.5 AS DOUBLE) * (
            among - 1
          ))) AS low_1,
        MIN(value) FILTER(WHERE
          upto > CEIL(CAST(0.5 AS DOUBLE) * (
            among - 1
          ))) AS high_1
      FROM (
        SELECT
          *,
          SUM(number) OVER (PARTITION BY key_1, key_2 ORDER BY value) AS upto,
          SUM(number) OVER (PARTITION BY key_1, key_2) AS among
        FROM (
          SELECT
            is_total AS key_1,
            by_group AS key_2,
            gross AS value,
            COUNT(*) AS number
          FROM every
          WHERE
            NOT (
              gross
            ) IS NULL
          GROUP BY ALL
        )
      )
      GROUP BY
        key_1,
        key_2
    )
  ) AS quantiles_1
    ON quantiles_1.key_1 IS NOT DISTINCT FROM is_total
    AND quantiles_1.key_2 IS NOT DISTINCT FROM by_group
  GROUP BY ALL
), told AS (
  SELECT
    *
  FROM (
    SELECT
      *,
      by_group AS grp
    FROM per_group
  )
  LEFT JOIN (
    SELECT
      *,
      by_group AS grp
    FROM beside
  )
    USING (is_total, grp)
)
SELECT
  is_total,
  grp,
  CAST(session_count AS BIGINT) AS session_count,
  CAST(customer_count AS BIGINT) AS customer_count,
  CAST(gross_total AS DECIMAL(38, 18)) AS gross_total,
  CAST(total_known_count AS BIGINT) AS total_known_count,
  CAST(items_total AS DECIMAL(38, 18)) AS items_total,
  CAST(priced_count AS BIGINT) AS priced_count,
  CAST(COALESCE(additional_cost_total, 0) AS DECIMAL(38, 18)) AS additional_cost_total,
  CAST(discount_total AS DECIMAL(38, 18)) AS discount_total,
  CAST(discount_known_count AS BIGINT) AS discount_known_count,
  CAST(discount_ambiguous_count AS BIGINT) AS discount_ambiguous_count,
  CAST(discount_unknown_count AS BIGINT) AS discount_unknown_count,
  CAST(discount_known_gross_total AS DECIMAL(38, 18)) AS discount_known_gross_total,
  CAST(discount_known_gross_total - discount_total AS DECIMAL(38, 18)) AS net_total,
  CAST(COALESCE(returned_total, 0) AS DECIMAL(38, 18)) AS returned_total,
  CAST(session_count - COALESCE(returned_unknown_count, 0) AS BIGINT) AS returned_known_count,
  CAST(unit_count AS BIGINT) AS unit_count,
  CAST(line_count AS BIGINT) AS line_count,
  CAST((
    CAST(gross_total AS DOUBLE) / CAST(NULLIF(total_known_count, 0) AS DOUBLE)
  ) AS DOUBLE) AS avg_session_value,
  CAST(median_session_value AS DOUBLE) AS median_session_value,
  CAST((
    CAST(unit_count AS DOUBLE) / CAST(NULLIF(session_count, 0) AS DOUBLE)
  ) AS DOUBLE) AS avg_units_per_session,
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
  ) AS DOUBLE) AS discount_penetration
FROM told
ORDER BY
  is_total NULLS LAST,
  grp NULLS LAST
