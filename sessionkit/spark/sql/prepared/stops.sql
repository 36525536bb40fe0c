-- stops: the states that a session was seen in, one after the other.
-- grain:  one row per session and stop, in the order of `place`; `instant` is null where no moment
--         is told
-- reads:  sightings
-- takes:  variable life_cycle (the states in their order)
-- note:   moments are told apart by the second, as the CSV export cuts its times; in one second
--         the life cycle decides. An open or partially returned session stops at each update. A
--         closed or cancelled one stops where it was closed or cancelled: by its times, or by its
--         events if these tell of more, else where a version first shows it. A version without a
--         moment that shows a state of its own has its place by the life cycle.
--         Most sessions have one moment only, and stop there: only the others are put in order.
-- made from sql/prepared/stops.sql by `python -m tests.tools.translate`: change that one.

WITH seen AS (
  SELECT
    application_id,
    integration_id,
    state,
    NULLIF(ARRAY_POSITION(CAST(:life_cycle AS ARRAY<STRING>), state), 0) AS rank,
    DATE_TRUNC('SECOND', instant) AS second,
    MAX(instant) AS instant,
    BOOL_OR(evidence = 'times') AS has_time,
    BOOL_OR(evidence = 'events') AS has_event,
    COALESCE(BOOL_OR(tells_closed), FALSE) AS tells_closed,
    COALESCE(BOOL_OR(tells_unclosed), FALSE) AS tells_unclosed
  FROM sightings
  GROUP BY
    application_id,
    integration_id,
    state,
    second
), several AS (
  SELECT
    application_id,
    integration_id
  FROM seen
  WHERE
    NOT second IS NULL
  GROUP BY
    application_id,
    integration_id
  HAVING
    COUNT(*) > 1
), dated AS (
  SELECT
    *,
    COALESCE(state <> LAG(state) OVER in_order, TRUE) AS is_turn
  FROM seen
  SEMI JOIN several
    USING (application_id, integration_id)
  WHERE
    NOT second IS NULL
  WINDOW in_order AS (
    PARTITION BY application_id, integration_id
    ORDER BY second NULLS LAST, rank NULLS LAST
  )
), numbered AS (
  SELECT
    *,
    COUNT_IF(is_turn) OVER in_order AS run
  FROM dated
  WINDOW in_order AS (
    PARTITION BY application_id, integration_id
    ORDER BY second NULLS LAST, rank NULLS LAST
  )
), measured AS (
  SELECT
    *
    EXCEPT (tells_closed, tells_unclosed),
    ROW_NUMBER() OVER (PARTITION BY application_id, integration_id, run ORDER BY second NULLS LAST) AS place_in_run,
    COUNT_IF(has_time) OVER in_run AS time_count,
    COUNT_IF(has_event) OVER in_run AS event_count,
    BOOL_OR(tells_closed) OVER in_run AS tells_closed,
    BOOL_OR(tells_unclosed) OVER in_run AS tells_unclosed
  FROM numbered
  WINDOW in_run AS (PARTITION BY application_id, integration_id, run)
), kept AS (
  SELECT
    *,
    CASE
      WHEN state IN ('open', 'partially_returned')
      THEN TRUE
      WHEN time_count > 0 AND time_count >= event_count
      THEN has_time
      WHEN event_count > 0
      THEN has_event
      ELSE place_in_run = 1
    END AS is_kept
  FROM measured
), ordered AS (
  SELECT
    application_id,
    integration_id,
    state,
    rank,
    second,
    instant,
    has_time,
    has_event,
    is_turn,
    run,
    place_in_run,
    time_count,
    event_count,
    tells_closed,
    tells_unclosed,
    is_kept,
    ROW_NUMBER() OVER (
      PARTITION BY application_id, integration_id
      ORDER BY second NULLS LAST, rank NULLS LAST
    ) AS place
  FROM kept
  WHERE
    is_kept
  UNION ALL
  SELECT
    application_id,
    integration_id,
    state,
    rank,
    second,
    instant,
    has_time,
    has_event,
    NULL AS is_turn,
    NULL AS run,
    NULL AS place_in_run,
    NULL AS time_count,
    NULL AS event_count,
    tells_closed,
    tells_unclosed,
    NULL AS is_kept,
    1 AS place
  FROM seen
  ANTI JOIN several
    USING (application_id, integration_id)
  WHERE
    NOT second IS NULL
), placed AS (
  SELECT
    application_id,
    integration_id,
    instant,
    state,
    rank,
    CASE WHEN has_time THEN 'times' WHEN has_event THEN 'events' ELSE 'versions' END AS evidence,
    tells_closed,
    tells_unclosed,
    place
  FROM ordered
), undated AS (
  SELECT
    seen.application_id,
    seen.integration_id,
    CAST(NULL AS TIMESTAMP) AS instant,
    seen.state,
    ANY_VALUE(seen.rank) IGNORE NULLS AS rank,
    'versions' AS evidence,
    BOOL_OR(seen.tells_closed) AS tells_closed,
    BOOL_OR(seen.tells_unclosed) AS tells_unclosed,
    COALESCE(MIN(placed.place) FILTER(WHERE
      placed.rank > seen.rank) - 1, 1e9) + 0.1 * seen.rank AS place
  FROM seen
  LEFT JOIN placed
    USING (application_id, integration_id)
  WHERE
    second IS NULL
  GROUP BY
    seen.application_id,
    seen.integration_id,
    seen.state,
    seen.rank
  HAVING
    NOT COALESCE(BOOL_OR(placed.state = seen.state), FALSE)
)
SELECT
  *
FROM placed
UNION ALL
SELECT
  *
FROM undated
