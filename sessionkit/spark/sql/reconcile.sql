-- reconcile: what sessions add up to in the windows of a campaign analytics export.
-- grain:  one row per window of a scope (`total`, `influenced`, or a campaign), with or without
--         partially returned sessions, and change: what is reckoned differently than Talon.One
--         says it does; `none` is nothing
-- reads:  matching, campaign_sessions (one row per session and campaign that holds it)
-- takes:  variables window_scopes, window_starts, window_ends; zone_minutes, the clocks to try
-- note:   sessions are cut at every bound of every window first, and added up between the cuts, so
--         that so many ways to reckon cost hardly more than one. Amounts of several currencies
--         are not added: they are null.
-- made from sql/reconcile.sql by `python -m tests.tools.translate`: change that one.

WITH windows AS (
  SELECT
    inline(ARRAYS_ZIP(CAST(CAST(:window_scopes AS ARRAY<STRING>) AS ARRAY<STRING>), CAST(CAST(:window_starts AS ARRAY<TIMESTAMP>) AS ARRAY<TIMESTAMP>), CAST(CAST(:window_ends AS ARRAY<TIMESTAMP>) AS ARRAY<TIMESTAMP>))) as (scope, start_at, end_at)
), closed_once AS (
  SELECT
    *
  FROM matching
  WHERE
    state IN ('closed', 'partially_returned')
    OR (
      state = 'cancelled' AND NOT closed_at IS NULL
    )
), applications AS (
  SELECT DISTINCT
    application_id
  FROM closed_once
), changes AS (
  SELECT
    'none' AS change,
    NULL AS number,
    'closed' AS basis
  UNION ALL
  SELECT
    'with-cancelled',
    NULL,
    'closed'
  UNION ALL
  SELECT
    'created-at',
    NULL,
    'created'
  UNION ALL
  SELECT
    'updated-at',
    NULL,
    'updated'
  UNION ALL
  SELECT
    'last-day-in',
    NULL,
    'closed'
  UNION ALL
  SELECT
    'net-of-discounts',
    NULL,
    'closed'
  UNION ALL
  SELECT
    'lines',
    NULL,
    'closed'
  UNION ALL
  SELECT
    'application',
    application_id,
    'closed'
  FROM applications
  WHERE
    (
      SELECT
        COUNT(*)
      FROM applications
    ) > 1
  UNION ALL
  SELECT
    'zone',
    EXPLODE(CAST(:zone_minutes AS ARRAY<BIGINT>)),
    'closed'
), bounds AS (
  SELECT
    scope,
    start_at,
    end_at,
    change,
    number,
    basis,
    start_at - IF(
      change = 'zone',
      MAKE_DT_INTERVAL(0, 0, CAST(number AS INT)),
      MAKE_DT_INTERVAL(0, 0, CAST(0 AS INT))
    ) AS since,
    end_at - IF(
      change = 'zone',
      MAKE_DT_INTERVAL(0, 0, CAST(number AS INT)),
      MAKE_DT_INTERVAL(0, 0, CAST(0 AS INT))
    ) + MAKE_DT_INTERVAL(CAST(IF(change = 'last-day-in', 1, 0) AS INT)) AS until
  FROM windows
  CROSS JOIN changes
), cuts AS (
  SELECT
    since AS cut
  FROM bounds
  UNION
  SELECT
    until
  FROM bounds
), held AS (
  SELECT
    application_id,
    integration_id,
    CAST(campaign_id AS STRING) AS scope,
    coupon_count,
    items_discount_total
  FROM campaign_sessions
  WHERE
    ARRAY_CONTAINS(CAST(:window_scopes AS ARRAY<STRING>), CAST(campaign_id AS STRING))
  UNION ALL
  SELECT
    application_id,
    integration_id,
    'influenced',
    SUM(coupon_count),
    SUM(items_discount_total)
  FROM campaign_sessions
  WHERE
    ARRAY_CONTAINS(CAST(:window_scopes AS ARRAY<STRING>), 'influenced')
  GROUP BY
    application_id,
    integration_id
), scoped AS (
  SELECT
    closed_once.*,
    'total' AS scope,
    NULL AS coupon_count,
    NULL AS items_discount_total
  FROM closed_once
  WHERE
    ARRAY_CONTAINS(CAST(:window_scopes AS ARRAY<STRING>), 'total')
  UNION ALL
  SELECT
    closed_once.*,
    held.scope,
    held.coupon_count,
    held.items_discount_total
  FROM closed_once
  INNER JOIN held
    USING (application_id, integration_id)
), dated AS (
  SELECT
    'closed' AS basis,
    closed_at AS instant,
    *
    EXCEPT (instant)
  FROM scoped
  WHERE
    NOT closed_at IS NULL
  UNION ALL
  SELECT
    'created',
    created_at,
    *
    EXCEPT (instant)
  FROM scoped
  UNION ALL
  SELECT
    'updated',
    COALESCE(closed_at, updated_at),
    *
    EXCEPT (instant)
  FROM scoped
  WHERE
    NOT COALESCE(closed_at, updated_at) IS NULL
), between_cuts AS (
  SELECT
    dated.scope,
    dated.basis,
    cuts.cut,
    dated.application_id,
    dated.state,
    COALESCE(dated.currency, 'of application ' || dated.application_id) AS money,
    COUNT(*) AS session_count,
    SUM(dated.gross) AS revenue,
    SUM(dated.items_total) AS items_revenue,
    COUNT(dated.gross) AS total_known_count,
    COUNT(dated.items_total) AS priced_count,
    SUM(dated.known_discount) AS discounts,
    SUM(dated.coupon_count) AS coupon_count,
    SUM(dated.items_discount_total) AS items_discounts,
    COUNT(*) FILTER(WHERE
      dated.knows_discounts) AS discount_known_count,
    SUM(dated.unit_count) AS unit_count,
    SUM(dated.line_count) AS line_count
  FROM dated
  JOIN (
    SELECT
      *,
      LEAD(cut) OVER (ORDER BY cut) AS next_one
    FROM cuts
  ) AS cuts
    ON dated.instant >= cuts.cut AND COALESCE(dated.instant < cuts.next_one, TRUE)
  GROUP BY ALL
), ways AS (
  SELECT
    *
  FROM bounds
  CROSS JOIN VALUES
    ('in'),
    ('out') AS returned(partially_returned)
), added AS (
  SELECT
    ways.scope,
    ways.start_at,
    ways.end_at,
    ways.partially_returned,
    ways.change,
    ways.number,
    COUNT(DISTINCT found.money) AS money_count,
    CAST(COALESCE(SUM(found.session_count), 0) AS BIGINT) AS session_count,
    CAST(COALESCE(SUM(found.total_known_count), 0) AS BIGINT) AS total_known_count,
    CAST(COALESCE(SUM(found.priced_count), 0) AS BIGINT) AS priced_count,
    CAST(COALESCE(SUM(found.discount_known_count), 0) AS BIGINT) AS discount_known_count,
    COALESCE(SUM(found.revenue), 0) AS revenue,
    COALESCE(SUM(found.items_revenue), 0) AS items_revenue,
    COALESCE(SUM(found.discounts), 0) AS discounts,
    CAST(COALESCE(SUM(found.coupon_count), 0) AS BIGINT) AS coupon_count,
    COALESCE(SUM(found.items_discounts), 0) AS items_discounts,
    CAST(COALESCE(SUM(found.unit_count), 0) AS BIGINT) AS unit_count,
    CAST(COALESCE(SUM(found.line_count), 0) AS BIGINT) AS line_count
  FROM ways
  LEFT JOIN between_cuts AS found
    ON found.scope = ways.scope
    AND found.basis = ways.basis
    AND found.cut >= ways.since
    AND found.cut < ways.until
    AND (
      found.state <> 'cancelled' OR ways.change = 'with-cancelled'
    )
    AND (
      found.state <> 'partially_returned' OR ways.partially_returned = 'in'
    )
    AND (
      ways.change <> 'application' OR found.application_id = ways.number
    )
  GROUP BY ALL
)
SELECT
  UNIX_MICROS(start_at) AS start_microseconds,
  UNIX_MICROS(end_at) AS end_microseconds,
  *
  EXCEPT (start_at, end_at, money_count, revenue, items_revenue, discounts, items_discounts),
  IF(money_count > 1, NULL, revenue) AS revenue,
  IF(money_count > 1, NULL, items_revenue) AS items_revenue,
  IF(money_count > 1, NULL, discounts) AS discounts,
  IF(money_count > 1, NULL, items_discounts) AS items_discounts
FROM added
ORDER BY
  scope NULLS LAST,
  start_at NULLS LAST,
  end_at NULLS LAST,
  partially_returned NULLS LAST,
  change NULLS LAST,
  ABS(number) NULLS LAST,
  number NULLS LAST
