-- campaign_summary: what campaigns did to sessions, and what those sessions were worth.
-- grain:  one row per group (the columns by_1, by_2, ... of units) and campaign that holds a
--         session of it; in the group of all groups together one row for all campaigns
-- reads:  units (one row per session and group), campaign_sessions (one row per session and
--         campaign that holds it), effect_sums (one row per session with effects that count),
--         always (groups that have a row even without a session; of these only the group of all
--         groups together has one here)
-- made from sql/campaign_summary.sql by `python -m tests.tools.translate`: change that one.

WITH held AS (
  SELECT
    application_id,
    integration_id,
    campaign_id,
    FALSE AS of_all,
    discount_total,
    unmet,
    coupon_count
  FROM campaign_sessions
  UNION ALL
  SELECT
    application_id,
    integration_id,
    NULL,
    TRUE,
    SUM(discount_total),
    SUM(unmet),
    SUM(coupon_count)
  FROM campaign_sessions
  GROUP BY
    application_id,
    integration_id
), every AS (
  SELECT
    units.is_total,
    units.by_group,
    units.application_id,
    units.integration_id,
    units.store_id,
    units.currency,
    units.state,
    units.created_at,
    units.updated_at,
    units.closed_at,
    units.first_closed_at,
    units.last_closed_at,
    units.tells_closing,
    units.instant,
    units.local_time,
    units.profile,
    units.nameless_profile,
    units.customer_type,
    units.has_total,
    units.gross,
    units.items_total,
    units.line_count,
    units.unit_count,
    units.knows_discounts,
    units.known_discount,
    units.is_told_by_effects,
    units.discounted,
    units.has_coupon,
    units.referral_code,
    units.standing,
    units.is_seen_closed,
    units.revoked,
    units.was_completed,
    units.in_population,
    units.in_window,
    held.campaign_id,
    held.discount_total,
    held.unmet,
    held.coupon_count,
    effect_sums.amount AS explained,
    knows_discounts AND NOT is_told_by_effects AS is_told_apart,
    TRUE AS is_session
  FROM units
  INNER JOIN held
    ON held.application_id = units.application_id
    AND held.integration_id = units.integration_id
    AND held.of_all = units.is_total
  LEFT JOIN effect_sums
    ON effect_sums.application_id = units.application_id
    AND effect_sums.integration_id = units.integration_id
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
    NULL AS campaign_id,
    NULL AS discount_total,
    NULL AS unmet,
    NULL AS coupon_count,
    NULL AS explained,
    NULL AS is_told_apart,
    FALSE AS is_session
  FROM always
  WHERE
    is_total
), counted AS (
  SELECT
    is_total,
    by_group,
    campaign_id,
    COUNT(*) FILTER(WHERE
      is_session) AS session_count,
    COUNT(DISTINCT profile) + COUNT(DISTINCT nameless_profile) AS customer_count,
    COALESCE(SUM(gross), 0) AS gross_total,
    COUNT(gross) AS total_known_count,
    COALESCE(SUM(discount_total), 0) AS discount_total,
    CAST(COALESCE(SUM(coupon_count), 0) AS BIGINT) AS coupon_count,
    COALESCE(SUM(unmet), 0) AS unmet,
    SUM(known_discount - COALESCE(explained, 0)) FILTER(WHERE
      is_told_apart) AS residual,
    COUNT(*) FILTER(WHERE
      is_told_apart) AS residual_count
  FROM every
  GROUP BY ALL
)
SELECT
  is_total,
  by_group AS grp,
  CAST(campaign_id AS BIGINT) AS campaign_id,
  CAST(session_count AS BIGINT) AS session_count,
  CAST(customer_count AS BIGINT) AS customer_count,
  CAST(gross_total AS DECIMAL(38, 18)) AS gross_total,
  CAST(total_known_count AS BIGINT) AS total_known_count,
  CAST(discount_total AS DECIMAL(38, 18)) AS discount_total,
  CAST(coupon_count AS BIGINT) AS coupon_count,
  CAST(unmet AS DECIMAL(38, 18)) AS unmet,
  CAST(residual AS DECIMAL(38, 18)) AS residual,
  CAST(residual_count AS BIGINT) AS residual_count
FROM counted
ORDER BY
  is_total NULLS LAST,
  grp NULLS LAST,
  campaign_id NULLS LAST
