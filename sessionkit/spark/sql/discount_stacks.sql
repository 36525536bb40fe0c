-- discount_stacks: which discounts occur together in a session.
-- grain:  one row per group (the columns by_1, by_2, ... of units) and set of base labels, the most
--         frequent first
-- reads:  units (one row per session and group), discount_rows (one row per session and label)
-- takes:  variable stack_limit (the number of rows per group; null: all)
-- note:   a label counts where a session's map names it, with an amount of 0 too. Discounts that
--         are told as a single total have no labels: they stand in a row of their own. Depths are
--         no decimals: they are put in order first, so that they always add up to the same.
-- made from sql/discount_stacks.sql by `python -m tests.tools.translate`: change that one.

WITH stacks AS (
  SELECT
    application_id,
    integration_id,
    ARRAY_SORT(TRANSFORM(COLLECT_LIST(DISTINCT STRUCT(base_label AS one)), held -> held.one)) AS labels
  FROM discount_rows
  GROUP BY
    application_id,
    integration_id
), knowledge AS (
  SELECT
    is_total,
    by_group AS grp,
    COUNT(*) FILTER(WHERE
      knows_discounts) AS discount_known_count,
    COUNT(*) FILTER(WHERE
      knows_discounts IS NULL) AS discount_ambiguous_count,
    COUNT(*) FILTER(WHERE
      NOT knows_discounts) AS discount_unknown_count
  FROM units
  GROUP BY ALL
), carrying AS (
  SELECT
    is_total,
    by_group AS grp,
    labels,
    gross,
    known_discount,
    CASE
      WHEN known_discount <> 0 AND gross > 0
      THEN (
        CAST(known_discount AS DOUBLE) / CAST(gross AS DOUBLE)
      )
    END AS depth
  FROM units
  LEFT JOIN stacks
    USING (application_id, integration_id)
  WHERE
    knows_discounts AND (
      NOT labels IS NULL OR known_discount <> 0
    )
), per_stack AS (
  SELECT
    is_total,
    grp,
    labels,
    COUNT(*) AS session_count,
    SUM(known_discount) AS discount_total,
    COALESCE(SUM(gross), 0) AS gross_total,
    (
      CAST(CAST(SUM(CAST(depth - depth % 1 AS DECIMAL(38, 0))) AS DOUBLE) + CAST(SUM(CAST(depth % 1 AS DECIMAL(38, 27))) AS DOUBLE) AS DOUBLE) / CAST(NULLIF(COUNT(depth), 0) AS DOUBLE)
    ) AS avg_depth,
    COUNT(depth) AS depth_count
  FROM carrying
  GROUP BY ALL
), ranked AS (
  SELECT
    *,
    CAST(SUM(session_count) OVER same_group AS BIGINT) AS carrying_count,
    COUNT(*) OVER same_group AS stack_count,
    ROW_NUMBER() OVER (
      PARTITION BY is_total, grp
      ORDER BY session_count DESC, discount_total DESC, labels NULLS LAST
    ) AS place
  FROM per_stack
  WINDOW same_group AS (PARTITION BY is_total, grp)
)
SELECT
  is_total,
  grp,
  CAST(labels AS ARRAY<STRING>) AS labels,
  CAST(session_count AS BIGINT) AS session_count,
  CAST(SIZE(labels) AS BIGINT) AS stack_depth,
  CAST((
    CAST(session_count AS DOUBLE) / CAST(carrying_count AS DOUBLE)
  ) AS DOUBLE) AS share,
  CAST(carrying_count AS BIGINT) AS carrying_count,
  CAST(discount_total AS DECIMAL(38, 18)) AS discount_total,
  CAST(gross_total AS DECIMAL(38, 18)) AS gross_total,
  CAST(avg_depth AS DOUBLE) AS avg_depth,
  CAST(depth_count AS BIGINT) AS depth_count,
  CAST(place AS BIGINT) AS place,
  CAST(stack_count AS BIGINT) AS stack_count,
  CAST(discount_known_count AS BIGINT) AS discount_known_count,
  CAST(discount_ambiguous_count AS BIGINT) AS discount_ambiguous_count,
  CAST(discount_unknown_count AS BIGINT) AS discount_unknown_count
FROM ranked
INNER JOIN knowledge
  USING (is_total, grp)
WHERE
  place <= CAST(:stack_limit AS INT) OR CAST(:stack_limit AS INT) IS NULL
ORDER BY
  is_total NULLS LAST,
  grp NULLS LAST,
  place NULLS LAST
