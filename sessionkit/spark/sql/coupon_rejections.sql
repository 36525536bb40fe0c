-- coupon_rejections: why coupons were rejected, and how those sessions ended.
-- grain:  one row per group (the columns by_1, by_2, ... of units) and reason
-- reads:  code_figures (the same, without the rejections themselves), units (one row per session
--         and group), rejected_coupons (one row per session, code and reason)
-- made from sql/coupon_rejections.sql by `python -m tests.tools.translate`: change that one.

WITH rejections AS (
  SELECT
    is_total,
    by_group AS grp,
    IF(is_total, NULL, rejected_coupons.reason) AS reason,
    COUNT(*) AS rejection_count,
    COUNT(DISTINCT rejected_coupons.code) AS code_count
  FROM units
  INNER JOIN rejected_coupons
    USING (application_id, integration_id)
  GROUP BY ALL
)
SELECT
  figures.is_total,
  figures.grp,
  CAST(figures.name AS STRING) AS rejection_reason,
  CAST(COALESCE(rejections.rejection_count, 0) AS BIGINT) AS rejection_count,
  CAST(figures.session_count AS BIGINT) AS session_count,
  CAST(COALESCE(rejections.code_count, 0) AS BIGINT) AS code_count,
  CAST(figures.customer_count AS BIGINT) AS customer_count,
  CAST(figures.kept_whole AS BIGINT) AS kept_whole,
  CAST(figures.partially_returned AS BIGINT) AS partially_returned,
  CAST(figures.revoked AS BIGINT) AS revoked,
  CAST(figures.cancelled_open AS BIGINT) AS cancelled_open,
  CAST(figures.cancelled_unknown AS BIGINT) AS cancelled_unknown,
  CAST(figures.idle AS BIGINT) AS idle,
  CAST(figures.in_progress AS BIGINT) AS in_progress,
  CAST(figures.kept_whole + figures.partially_returned + figures.revoked AS BIGINT) AS closed_count,
  CAST((
    CAST(closed_count AS DOUBLE) / CAST(NULLIF(figures.session_count, 0) AS DOUBLE)
  ) AS DOUBLE) AS closed_share,
  CAST(figures.gross_total AS DECIMAL(38, 18)) AS gross_total,
  CAST(figures.total_known_count AS BIGINT) AS total_known_count
FROM code_figures AS figures
LEFT JOIN rejections
  ON rejections.is_total = figures.is_total
  AND rejections.grp = figures.grp
  AND rejections.reason IS NOT DISTINCT FROM figures.name
ORDER BY
  figures.is_total NULLS LAST,
  figures.grp NULLS LAST,
  figures.name NULLS LAST
