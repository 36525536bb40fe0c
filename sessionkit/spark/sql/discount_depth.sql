-- discount_depth: how deep the discounts of sessions are.
-- grain:  one row per group (the columns by_1, by_2, ... of units) and band, shallowest first; all
--         bands, also without a session, and at the end those of sessions that have no depth
-- reads:  units (one row per session and group), always (groups that have a row even without a
--         session)
-- note:   depth = discounts / total. In twentieths, floats find the border that is nearest, and
--         exact numbers which side of it the depth is on, so that a depth of exactly 5 % never
--         slips. 20 times a very large amount has too many digits: there the total is 20 * whole +
--         rest units, so that k twentieths of it are k * whole + k * rest / 20.
-- made from sql/discount_depth.sql by `python -m tests.tools.translate`: change that one.

WITH bands(step, band, depth_from, depth_to) AS (
  SELECT
    *
  FROM VALUES
    (-1, '< 0', NULL, 0),
    (0, '0', 0, 0) AS _values
  UNION ALL
  SELECT
    k,
    CONCAT(5 * k - 5, '–', 5 * k, ' %'),
    (
      CAST(k - 1 AS DOUBLE) / CAST(20 AS DOUBLE)
    ),
    (
      CAST(k AS DOUBLE) / CAST(20 AS DOUBLE)
    )
  FROM EXPLODE(SEQUENCE(1, 20)) AS twentieth(k)
  UNION ALL
  SELECT
    *
  FROM VALUES
    (21, '> 100 %', 1, NULL),
    (22, 'total ≤ 0', NULL, NULL),
    (23, 'no total', NULL, NULL),
    (24, 'ambiguous', NULL, NULL),
    (25, 'unknown', NULL, NULL) AS _values
), counted AS (
  SELECT
    is_total,
    by_group,
    gross,
    known_discount,
    CASE
      WHEN knows_discounts IS NULL
      THEN 24
      WHEN NOT knows_discounts
      THEN 25
      WHEN gross IS NULL
      THEN 23
      WHEN gross <= 0
      THEN 22
      WHEN known_discount < 0
      THEN -1
      WHEN known_discount = 0
      THEN 0
    END AS step
  FROM units
), nearest AS (
  SELECT
    *,
    CASE
      WHEN step IS NULL
      THEN LEAST((
        CAST(known_discount AS DOUBLE) / CAST(gross AS DOUBLE)
      ), 1)
    END AS about,
    CAST(ROUND(20 * about) AS INT) AS border
  FROM counted
), deep AS (
  SELECT
    *
    EXCEPT (step, about, border),
    CASE
      WHEN NOT step IS NULL
      THEN step
      WHEN GREATEST(gross, known_discount) < 1e18
      THEN border + CAST(20 * known_discount > border * gross AS INT)
      ELSE border + CAST(CAST(REPLACE(CAST(known_discount AS STRING), '.', '') AS DECIMAL(38, 0)) > border * (
        CAST(CAST((
          CAST(REPLACE(CAST(gross AS STRING), '.', '') AS DECIMAL(38, 0)) - CAST(REPLACE(CAST(gross AS STRING), '.', '') AS DECIMAL(38, 0)) % 20
        ) * 0.1 AS DECIMAL(38, 0)) * 0.5 AS DECIMAL(38, 0))
      ) + border * (
        CAST(REPLACE(CAST(gross AS STRING), '.', '') AS DECIMAL(38, 0)) % 20
      ) DIV 20 AS INT)
    END AS step
  FROM nearest
), told AS (
  SELECT
    is_total,
    by_group,
    step,
    COUNT(*) AS session_count,
    SUM(gross) AS gross_total,
    SUM(known_discount) AS discount_total
  FROM deep
  GROUP BY ALL
), by_band AS (
  SELECT
    *,
    by_group AS grp
  FROM told
), groups AS (
  SELECT
    is_total,
    grp
  FROM by_band
  UNION
  SELECT
    is_total,
    by_group AS grp
  FROM always
), every AS (
  SELECT
    groups.is_total,
    groups.grp,
    bands.*,
    COALESCE(by_band.session_count, 0) AS session_count,
    COALESCE(by_band.gross_total, 0) AS gross_total,
    COALESCE(by_band.discount_total, 0) AS discount_total
  FROM groups
  CROSS JOIN bands
  LEFT JOIN by_band
    ON by_band.is_total = groups.is_total
    AND by_band.grp = groups.grp
    AND by_band.step = bands.step
)
SELECT
  is_total,
  grp,
  CAST(band AS STRING) AS band,
  CAST(session_count AS BIGINT) AS session_count,
  CAST(CAST(SUM(session_count) OVER same_group AS BIGINT) AS BIGINT) AS group_session_count,
  CAST((
    CAST(session_count AS DOUBLE) / CAST(NULLIF(group_session_count, 0) AS DOUBLE)
  ) AS DOUBLE) AS share,
  CAST(gross_total AS DECIMAL(38, 18)) AS gross_total,
  CAST(IF(band IN ('ambiguous', 'unknown'), NULL, discount_total) AS DECIMAL(38, 18)) AS discount_total,
  CAST(depth_from AS DOUBLE) AS depth_from,
  CAST(depth_to AS DOUBLE) AS depth_to,
  CAST(CAST(SUM(IF(NOT band IN ('ambiguous', 'unknown'), session_count, NULL)) OVER same_group AS BIGINT) AS BIGINT) AS discount_known_count,
  CAST(CAST(SUM(IF(band = 'ambiguous', session_count, NULL)) OVER same_group AS BIGINT) AS BIGINT) AS discount_ambiguous_count,
  CAST(CAST(SUM(IF(band = 'unknown', session_count, NULL)) OVER same_group AS BIGINT) AS BIGINT) AS discount_unknown_count
FROM every
WINDOW same_group AS (PARTITION BY is_total, grp)
ORDER BY
  is_total NULLS LAST,
  grp NULLS LAST,
  step NULLS LAST
