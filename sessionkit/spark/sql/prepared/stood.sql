-- stood: the sessions as they stood at as_of, by their versions, their times and their events.
-- grain:  one row per session created by then
-- reads:  sessions, stops, version_rows
-- takes:  variables as_of, life_cycle
-- note:   a session stands where its last stop by then was. One without a stop by then was open if
--         it was next seen open (or, without a moment, only open), or if a time or an event tells
--         that it was first closed, or cancelled without having been closed, later; otherwise
--         is_settled is false. A session without a version by then has no amounts of then:
--         has_version is false.
-- made from sql/prepared/stood.sql by `python -m tests.tools.translate`: change that one.

WITH moment AS (
  SELECT
    CAST(CAST(:as_of AS TIMESTAMP) AS TIMESTAMP) AS as_of
), seen AS (
  SELECT
    application_id,
    integration_id,
    MAX_BY(state, place) FILTER(WHERE
      instant <= as_of) AS state,
    MAX_BY(instant, place) FILTER(WHERE
      instant <= as_of) AS state_at,
    MAX(place) FILTER(WHERE
      instant <= as_of) AS last_place,
    MIN_BY(state, place) FILTER(WHERE
      instant > as_of) AS next_state,
    MIN_BY(evidence, place) FILTER(WHERE
      instant > as_of) AS next_evidence,
    MIN_BY(tells_unclosed, place) FILTER(WHERE
      instant > as_of) AS next_unclosed,
    MIN(place) FILTER(WHERE
      instant <= as_of AND state IN ('closed', 'partially_returned')) AS closed_place,
    BOOL_OR(tells_closed) FILTER(WHERE
      instant <= as_of) AS tells_closed,
    BOOL_OR(tells_unclosed) FILTER(WHERE
      instant <= as_of) AS tells_unclosed,
    MIN(instant) FILTER(WHERE
      instant <= as_of AND state = 'closed' AND evidence <> 'versions') AS first_closed_at,
    MAX(instant) FILTER(WHERE
      instant <= as_of AND state = 'closed' AND evidence <> 'versions') AS last_closed_at,
    COALESCE(BOOL_OR(instant IS NULL AND state <> 'open'), FALSE) AS has_undated
  FROM stops
  CROSS JOIN moment
  GROUP BY
    application_id,
    integration_id
), versions AS (
  SELECT
    application_id,
    integration_id,
    MAX(version_at) FILTER(WHERE
      version_at <= as_of) AS updated_at,
    MIN(version_at) FILTER(WHERE
      version_at <= as_of AND state IN ('closed', 'partially_returned')) AS closed_version_at,
    MAX_BY(
      NAMED_STRUCT('col1', total, 'col2', discounts_known, 'col3', discount_total),
      NAMED_STRUCT('col1', version_at, 'col2', NOT total IS NULL)
    ) FILTER(WHERE
      version_at <= as_of) AS amounts
  FROM version_rows
  CROSS JOIN moment
  GROUP BY
    application_id,
    integration_id
), told AS (
  SELECT
    sessions.*,
    COALESCE(seen.state, 'open') AS state_then,
    NOT seen.state IS NULL AS is_seen,
    seen.state_at,
    seen.last_place,
    seen.next_state,
    seen.next_evidence,
    seen.next_unclosed,
    seen.closed_place,
    seen.tells_closed,
    seen.tells_unclosed,
    seen.first_closed_at,
    seen.last_closed_at,
    seen.has_undated,
    versions.updated_at AS version_updated_at,
    versions.closed_version_at,
    versions.amounts
  FROM sessions
  CROSS JOIN moment
  LEFT JOIN seen
    USING (application_id, integration_id)
  LEFT JOIN versions
    USING (application_id, integration_id)
  WHERE
    created_at <= as_of
)
SELECT
  *
  EXCEPT (state_then, is_seen, state_at, last_place, next_state, next_evidence, next_unclosed, closed_place, tells_closed, tells_unclosed, has_undated, version_updated_at, closed_version_at, amounts, state, updated_at, total, discounts_known, discount_total, closed_at, cancelled_at, times_known),
  state_then AS standing,
  COALESCE(tells_closed, FALSE)
  OR COALESCE(closed_place < last_place, FALSE)
  OR COALESCE(
    DATE_TRUNC('SECOND', closed_version_at) < DATE_TRUNC('SECOND', version_updated_at),
    FALSE
  ) AS is_seen_closed,
  COALESCE(tells_unclosed, FALSE) AS is_seen_unclosed,
  NOT version_updated_at IS NULL AS has_version,
  CASE
    WHEN is_seen
    THEN TRUE
    WHEN COALESCE(has_undated, TRUE)
    THEN FALSE
    WHEN COALESCE(next_state, 'open') = 'open'
    THEN TRUE
    WHEN next_evidence = 'versions'
    THEN FALSE
    WHEN next_state = 'closed'
    THEN TRUE
    ELSE next_state = 'cancelled' AND next_unclosed
  END AS is_settled,
  state_then AS state,
  version_updated_at AS updated_at,
  amounts.col1 AS total,
  amounts.col2 AS discounts_known,
  amounts.col3 AS discount_total,
  last_closed_at AS closed_at,
  IF(state_then = 'cancelled', state_at, NULL) AS cancelled_at,
  times_known OR COALESCE(tells_unclosed, FALSE) AS times_known
FROM told
