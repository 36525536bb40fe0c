-- code_figures: the sessions in which codes were entered, by how they ended, and their worth.
-- grain:  one row per group (the columns by_1, by_2, ... of units) and name of a code
-- reads:  entered_codes (one row per session, group and name), always (groups that have a row even
--         without a session; of these only the group of all groups together has one here)
-- takes:  variable has_timeout (idle is null without)
-- made from sql/prepared/code_figures.sql by `python -m tests.tools.translate`: change that one.

WITH every AS (
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
    outcome,
    name,
    accepted,
    rejected,
    TRUE AS is_session
  FROM entered_codes
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
    NULL AS outcome,
    NULL AS name,
    NULL AS accepted,
    NULL AS rejected,
    FALSE AS is_session
  FROM always
  WHERE
    is_total
), counted AS (
  SELECT
    is_total,
    by_group,
    name,
    COUNT(*) FILTER(WHERE
      is_session) AS session_count,
    COUNT(DISTINCT profile) + COUNT(DISTINCT nameless_profile) AS customer_count,
    COUNT(*) FILTER(WHERE
      outcome = 'kept_whole') AS kept_whole,
    COUNT(*) FILTER(WHERE
      outcome = 'partially_returned') AS partially_returned,
    COUNT(*) FILTER(WHERE
      outcome = 'revoked') AS revoked,
    COUNT(*) FILTER(WHERE
      outcome = 'cancelled_open') AS cancelled_open,
    COUNT(*) FILTER(WHERE
      outcome = 'cancelled_unknown') AS cancelled_unknown,
    COUNT(*) FILTER(WHERE
      outcome = 'idle') AS idle_count,
    COUNT(*) FILTER(WHERE
      outcome = 'in_progress') AS in_progress,
    COALESCE(SUM(gross), 0) AS gross_total,
    COUNT(gross) AS total_known_count,
    SUM(known_discount) AS discount_total,
    COUNT(*) FILTER(WHERE
      knows_discounts) AS discount_known_count,
    COUNT(*) FILTER(WHERE
      is_session AND knows_discounts IS NULL) AS discount_ambiguous_count,
    COUNT(*) FILTER(WHERE
      NOT knows_discounts) AS discount_unknown_count,
    COUNT(accepted) AS told_accepted_count,
    COUNT(*) FILTER(WHERE
      accepted) AS accepted_sessions,
    COUNT(rejected) AS told_rejected_count,
    COUNT(*) FILTER(WHERE
      rejected) AS rejected_sessions
  FROM every
  GROUP BY ALL
)
SELECT
  is_total,
  by_group AS grp,
  name,
  session_count,
  customer_count,
  kept_whole,
  partially_returned,
  revoked,
  cancelled_open,
  cancelled_unknown,
  IF(CAST(:has_timeout AS BOOLEAN), idle_count, NULL) AS idle,
  in_progress,
  gross_total,
  total_known_count,
  discount_total,
  discount_known_count,
  discount_ambiguous_count,
  discount_unknown_count,
  IF(told_accepted_count > 0, accepted_sessions, NULL) AS accepted_count,
  IF(told_rejected_count > 0, rejected_sessions, NULL) AS rejected_count
FROM counted
