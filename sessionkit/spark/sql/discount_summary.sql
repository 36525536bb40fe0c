-- discount_summary: what the discounts cost, by label or any other group.
-- grain:  one row per group: the columns by_1, label_2, ... of amounts
-- reads:  amounts (one row per session and group that the session carries a discount in: the sum
--         of its discounts there), units (one row per session and group without labels), matching,
--         always (groups that have a row even without a session)
-- note:   statistics cover sessions whose sum is not 0; given and reverted cover sessions that were
--         completed once, whatever the population. A group has amounts of one currency only.
--         Depths are no decimals: they are put in order first, so that they always add up to the
--         same.
-- made from sql/discount_summary.sql by `python -m tests.tools.translate`: change that one.

WITH per_scope AS (
  SELECT
    is_total,
    by_group,
    COUNT(*) FILTER(WHERE
      knows_discounts) AS discount_known_count,
    COUNT(*) FILTER(WHERE
      knows_discounts IS NULL) AS discount_ambiguous_count,
    COUNT(*) FILTER(WHERE
      NOT knows_discounts) AS discount_unknown_count
  FROM units
  GROUP BY ALL
), knowledge AS (
  SELECT
    *,
    by_group AS scope
  FROM per_scope
), per_application AS (
  SELECT
    application_id,
    currency,
    SUM(known_discount) AS known_discount_total
  FROM matching
  WHERE
    in_window AND in_population
  GROUP BY
    application_id,
    currency
), all_known AS (
  SELECT
    COALESCE('in ' || currency, 'of application ' || application_id) AS money,
    SUM(known_discount_total) AS known_discount_total
  FROM per_application
  GROUP BY
    money
), per_session AS (
  SELECT
    is_total,
    by_group,
    full_group,
    application_id,
    currency,
    gross,
    knows_discounts,
    in_population,
    was_completed,
    revoked,
    amount,
    row_count,
    CASE
      WHEN in_population AND amount <> 0 AND gross > 0
      THEN (
        CAST(amount AS DOUBLE) / CAST(gross AS DOUBLE)
      )
    END AS depth
  FROM amounts
  UNION ALL
  SELECT
    is_total,
    by_group,
    full_group,
    application_id,
    currency,
    NULL AS gross,
    NULL AS knows_discounts,
    NULL AS in_population,
    NULL AS was_completed,
    NULL AS revoked,
    NULL AS amount,
    NULL AS row_count,
    NULL AS depth
  FROM always
), per_group AS (
  SELECT
    is_total,
    by_group,
    full_group,
    COALESCE('in ' || MIN(currency), 'of application ' || MIN(application_id)) AS money,
    COALESCE(SUM(amount) FILTER(WHERE
      in_population), 0) AS discount_total,
    COUNT(*) FILTER(WHERE
      in_population AND row_count > 0) AS session_count,
    CAST(COALESCE(SUM(row_count) FILTER(WHERE
      in_population), 0) AS BIGINT) AS row_count,
    COUNT(*) FILTER(WHERE
      in_population AND amount <> 0) AS nonzero_count,
    ANY_VALUE(quantiles_1.found) AS quantiles,
    MIN(amount) FILTER(WHERE
      in_population AND amount <> 0) AS min_discount,
    MAX(amount) FILTER(WHERE
      in_population AND amount <> 0) AS max_discount,
    COALESCE(SUM(gross) FILTER(WHERE
      in_population AND row_count > 0), 0) AS gross_total,
    (
      CAST(CAST(SUM(CAST(depth - depth % 1 AS DECIMAL(38, 0))) AS DOUBLE) + CAST(SUM(CAST(depth % 1 AS DECIMAL(38, 27))) AS DOUBLE) AS DOUBLE) / CAST(NULLIF(COUNT(depth), 0) AS DOUBLE)
    ) AS avg_depth,
    COUNT(depth) AS depth_count,
    COUNT(*) FILTER(WHERE
      in_population AND row_count > 0 AND amount = 0) AS zero_count,
    COUNT(*) FILTER(WHERE
      in_population AND amount < 0) AS negative_count,
    COALESCE(SUM(amount) FILTER(WHERE
      was_completed), 0) AS given,
    COALESCE(SUM(amount) FILTER(WHERE
      revoked), 0) AS reverted,
    COUNT(*) FILTER(WHERE
      was_completed) AS completed_count,
    COUNT(*) FILTER(WHERE
      was_completed AND knows_discounts) AS completed_known_count,
    COUNT(*) FILTER(WHERE
      revoked) AS revoked_count,
    COUNT(*) FILTER(WHERE
      revoked AND knows_discounts) AS revoked_known_count
  FROM per_session
  LEFT JOIN (
    SELECT
      key_1,
      key_2,
      key_3,
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
        ),
        IF(
          low_2 = high_2,
          CAST(low_2 AS DOUBLE),
          CAST(low_2 AS DOUBLE) * (
            1 - (
              CAST(0.9 AS DOUBLE) * (
                among - 1
              ) - FLOOR(CAST(0.9 AS DOUBLE) * (
                among - 1
              ))
            )
          ) + CAST(high_2 AS DOUBLE) * (
            CAST(0.9 AS DOUBLE) * (
              among - 1
            ) - FLOOR(CAST(0.9 AS DOUBLE) * (
              among - 1
            ))
          )
        )
      ) AS found
    FROM (
      SELECT
        key_1,
        key_2,
        key_3,
        MAX(among) AS among,
        MIN(value) FILTER(WHERE
          upto > FLOOR(CAST(0.5 AS DOUBLE) * (
            among - 1
          ))) AS low_1,
        MIN(value) FILTER(WHERE
          upto > CEIL(CAST(0.5 AS DOUBLE) * (
            among - 1
          ))) AS high_1,
        MIN(value) FILTER(WHERE
          upto > FLOOR(CAST(0.9 AS DOUBLE) * (
            among - 1
          ))) AS low_2,
        MIN(value) FILTER(WHERE
          upto > CEIL(CAST(0.9 AS DOUBLE) * (
            among - 1
          ))) AS high_2
      FROM (
        SELECT
          *,
          SUM(number) OVER (PARTITION BY key_1, key_2, key_3 ORDER BY value) AS upto,
          SUM(number) OVER (PARTITION BY key_1, key_2, key_3) AS among
        FROM (
          SELECT
            is_total AS key_1,
            by_group AS key_2,
            full_group AS key_3,
            amount AS value,
            COUNT(*) AS number
          FROM per_session
          WHERE
            (
              in_population AND amount <> 0
            ) AND NOT (
              amount
            ) IS NULL
          GROUP BY ALL
        )
      )
      GROUP BY
        key_1,
        key_2,
        key_3
    )
  ) AS quantiles_1
    ON quantiles_1.key_1 IS NOT DISTINCT FROM is_total
    AND quantiles_1.key_2 IS NOT DISTINCT FROM by_group
    AND quantiles_1.key_3 IS NOT DISTINCT FROM full_group
  GROUP BY ALL
), grouped AS (
  SELECT
    *,
    by_group AS scope,
    full_group AS grp
  FROM per_group
), told AS (
  SELECT
    grouped.*
    EXCEPT (discount_total),
    IF(discount_known_count > 0, discount_total, NULL) AS discount_total,
    COALESCE(known_discount_total, 0) AS known_discount_total,
    COALESCE(discount_known_count, 0) AS discount_known_count,
    COALESCE(discount_ambiguous_count, 0) AS discount_ambiguous_count,
    COALESCE(discount_unknown_count, 0) AS discount_unknown_count
  FROM grouped
  LEFT JOIN knowledge
    USING (is_total, scope)
  LEFT JOIN all_known
    USING (money)
)
SELECT
  is_total,
  grp,
  CAST(discount_total AS DECIMAL(38, 18)) AS discount_total,
  CAST((
    CAST(discount_total AS DOUBLE) / CAST(NULLIF(known_discount_total, 0) AS DOUBLE)
  ) AS DOUBLE) AS share,
  CAST(known_discount_total AS DECIMAL(38, 18)) AS known_discount_total,
  CAST(session_count AS BIGINT) AS session_count,
  CAST(row_count AS BIGINT) AS row_count,
  CAST((
    CAST(discount_total AS DOUBLE) / CAST(NULLIF(nonzero_count, 0) AS DOUBLE)
  ) AS DOUBLE) AS avg_discount,
  CAST(CAST(TRY_ELEMENT_AT(quantiles, CAST(1 AS INT)) AS DOUBLE) AS DOUBLE) AS median_discount,
  CAST(CAST(TRY_ELEMENT_AT(quantiles, CAST(2 AS INT)) AS DOUBLE) AS DOUBLE) AS p90_discount,
  CAST(min_discount AS DECIMAL(38, 18)) AS min_discount,
  CAST(max_discount AS DECIMAL(38, 18)) AS max_discount,
  CAST(gross_total AS DECIMAL(38, 18)) AS gross_total,
  CAST(IF(
    gross_total > 0,
    (
      CAST(discount_total AS DOUBLE) / CAST(gross_total AS DOUBLE)
    ),
    NULL
  ) AS DOUBLE) AS depth,
  CAST(avg_depth AS DOUBLE) AS avg_depth,
  CAST(depth_count AS BIGINT) AS depth_count,
  CAST(zero_count AS BIGINT) AS zero_count,
  CAST(negative_count AS BIGINT) AS negative_count,
  CAST(IF(completed_known_count > 0 OR completed_count = 0, given, NULL) AS DECIMAL(38, 18)) AS discount_given,
  CAST(IF(revoked_known_count > 0 OR revoked_count = 0, reverted, NULL) AS DECIMAL(38, 18)) AS discount_reverted,
  CAST(discount_known_count AS BIGINT) AS discount_known_count,
  CAST(discount_ambiguous_count AS BIGINT) AS discount_ambiguous_count,
  CAST(discount_unknown_count AS BIGINT) AS discount_unknown_count
FROM told
ORDER BY
  is_total NULLS LAST,
  grp NULLS LAST
