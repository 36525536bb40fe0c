-- witnesses: what other versions and events tell of a session, beyond its last version.
-- grain:  one row per session that has several versions, or effects that tell of its states
-- reads:  sightings, sessions
-- takes:  variable life_cycle (the states in their order)
-- note:   an event later than the last version tells how the session stands; where that version
--         tells no update, an event whose state comes later in the life cycle does. Of moments in
--         one second the finer counts, as the CSV export cuts its times.
-- made from sql/prepared/witnesses.sql by `python -m tests.tools.translate`: change that one.

WITH seen AS (
  SELECT
    sightings.*,
    sessions.state AS last_state,
    evidence = 'versions' AS is_version,
    evidence <> 'versions' AND sightings.state = 'closed' AS is_closing,
    is_version AND sightings.state IN ('closed', 'partially_returned') AS is_closed_version,
    2 * UNIX_MICROS(DATE_TRUNC('SECOND', instant)) - UNIX_MICROS(instant) AS earliness
  FROM sightings
  INNER JOIN sessions
    USING (application_id, integration_id)
), told AS (
  SELECT
    application_id,
    integration_id,
    ANY_VALUE(last_state) IGNORE NULLS AS last_state,
    DATE_TRUNC('SECOND', MAX(instant) FILTER(WHERE
      is_version)) AS last_second,
    DATE_TRUNC('SECOND', MIN(instant) FILTER(WHERE
      is_closed_version)) AS closed_second,
    MIN_BY(instant, earliness) FILTER(WHERE
      is_closing) AS first_closed_at,
    MAX(instant) FILTER(WHERE
      is_closing AND evidence = 'times') AS closing_time,
    MAX(instant) FILTER(WHERE
      is_closing AND evidence = 'events') AS closing_event,
    BOOL_OR(tells_closed OR (
      is_closed_version AND state <> last_state
    )) AS is_seen_closed,
    COALESCE(BOOL_OR(tells_unclosed), FALSE) AS is_seen_unclosed,
    MAX(
      NAMED_STRUCT(
        'col1',
        DATE_TRUNC('SECOND', instant),
        'col2',
        NULLIF(ARRAY_POSITION(CAST(:life_cycle AS ARRAY<STRING>), state), 0)
      )
    ) FILTER(WHERE
      evidence = 'events') AS event
  FROM seen
  GROUP BY
    application_id,
    integration_id
)
SELECT
  application_id,
  integration_id,
  IF(
    COALESCE(
      event.col1 > last_second,
      event.col2 > NULLIF(ARRAY_POSITION(CAST(:life_cycle AS ARRAY<STRING>), last_state), 0)
    ),
    TRY_ELEMENT_AT(CAST(:life_cycle AS ARRAY<STRING>), CAST(event.col2 AS INT)),
    last_state
  ) AS standing,
  first_closed_at,
  IF(
    DATE_TRUNC('SECOND', closing_event) > last_second,
    closing_event,
    COALESCE(closing_time, closing_event)
  ) AS last_closed_at,
  is_seen_closed OR COALESCE(closed_second < last_second, FALSE) AS is_seen_closed,
  is_seen_unclosed
FROM told
