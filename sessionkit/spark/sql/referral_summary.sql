-- referral_summary: what became of the sessions in which referral codes were entered.
-- grain:  one row per group (the columns by_1, by_2, ... of units) and code
-- reads:  code_figures (the same)
-- made from sql/referral_summary.sql by `python -m tests.tools.translate`: change that one.

SELECT
  is_total,
  grp,
  CAST(name AS STRING) AS referral_code,
  CAST(session_count AS BIGINT) AS session_count,
  CAST(customer_count AS BIGINT) AS customer_count,
  CAST(kept_whole AS BIGINT) AS kept_whole,
  CAST(partially_returned AS BIGINT) AS partially_returned,
  CAST(revoked AS BIGINT) AS revoked,
  CAST(cancelled_open AS BIGINT) AS cancelled_open,
  CAST(cancelled_unknown AS BIGINT) AS cancelled_unknown,
  CAST(idle AS BIGINT) AS idle,
  CAST(in_progress AS BIGINT) AS in_progress,
  CAST(gross_total AS DECIMAL(38, 18)) AS gross_total,
  CAST(total_known_count AS BIGINT) AS total_known_count,
  CAST(discount_total AS DECIMAL(38, 18)) AS discount_total,
  CAST(discount_known_count AS BIGINT) AS discount_known_count,
  CAST(discount_ambiguous_count AS BIGINT) AS discount_ambiguous_count,
  CAST(discount_unknown_count AS BIGINT) AS discount_unknown_count,
  CAST(accepted_count AS BIGINT) AS accepted_count,
  CAST(rejected_count AS BIGINT) AS rejected_count
FROM code_figures
ORDER BY
  is_total NULLS LAST,
  grp NULLS LAST,
  name NULLS LAST
