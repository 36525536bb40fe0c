-- coupon_summary: what became of the sessions in which coupon codes were entered.
-- grain:  one row per group (the columns by_1, by_2, ... of units) and code, or name that a pattern
--         gave several codes
-- reads:  code_figures (the same, without the number of codes), units (one row per session and
--         group), coupon_names (one row per session and code)
-- made from sql/coupon_summary.sql by `python -m tests.tools.translate`: change that one.

WITH codes AS (
  SELECT
    is_total,
    by_group AS grp,
    IF(is_total, NULL, coupon_names.name) AS name,
    COUNT(DISTINCT coupon_names.code) AS code_count
  FROM units
  INNER JOIN coupon_names
    USING (application_id, integration_id)
  GROUP BY ALL
)
SELECT
  figures.is_total,
  figures.grp,
  CAST(figures.name AS STRING) AS coupon_code,
  CAST(figures.session_count AS BIGINT) AS session_count,
  CAST(COALESCE(codes.code_count, 0) AS BIGINT) AS code_count,
  CAST(figures.customer_count AS BIGINT) AS customer_count,
  CAST(figures.kept_whole AS BIGINT) AS kept_whole,
  CAST(figures.partially_returned AS BIGINT) AS partially_returned,
  CAST(figures.revoked AS BIGINT) AS revoked,
  CAST(figures.cancelled_open AS BIGINT) AS cancelled_open,
  CAST(figures.cancelled_unknown AS BIGINT) AS cancelled_unknown,
  CAST(figures.idle AS BIGINT) AS idle,
  CAST(figures.in_progress AS BIGINT) AS in_progress,
  CAST(figures.gross_total AS DECIMAL(38, 18)) AS gross_total,
  CAST(figures.total_known_count AS BIGINT) AS total_known_count,
  CAST(figures.discount_total AS DECIMAL(38, 18)) AS discount_total,
  CAST(figures.discount_known_count AS BIGINT) AS discount_known_count,
  CAST(figures.discount_ambiguous_count AS BIGINT) AS discount_ambiguous_count,
  CAST(figures.discount_unknown_count AS BIGINT) AS discount_unknown_count,
  CAST(figures.accepted_count AS BIGINT) AS accepted_count,
  CAST(figures.rejected_count AS BIGINT) AS rejected_count
FROM code_figures AS figures
LEFT JOIN codes
  ON codes.is_total = figures.is_total
  AND codes.grp = figures.grp
  AND codes.name IS NOT DISTINCT FROM figures.name
ORDER BY
  figures.is_total NULLS LAST,
  figures.grp NULLS LAST,
  figures.name NULLS LAST
