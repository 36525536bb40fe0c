-- sightings: what shows a session in a state, and when.
-- grain:  one row per thing that shows it; `instant` is null for a version that tells no update
-- reads:  version_rows (the versions of sessions), effects
-- note:   evidence is `times` (a time of closing or cancelling), `events` (the event of an effect)
--         or `versions`. `tells_closed`: a time or an event says that it was closed by then;
--         `tells_unclosed`: it was cancelled and, by what is told, never closed before.
-- made from sql/prepared/sightings.sql by `python -m tests.tools.translate`: change that one.

SELECT
  application_id,
  integration_id,
  version_at AS instant,
  state,
  'versions' AS evidence,
  FALSE AS tells_closed,
  state = 'cancelled' AND times_known AND closed_at IS NULL AS tells_unclosed
FROM version_rows
UNION ALL
SELECT
  application_id,
  integration_id,
  closed_at,
  'closed',
  'times',
  TRUE,
  FALSE
FROM version_rows
WHERE
  NOT closed_at IS NULL
UNION ALL
SELECT
  application_id,
  integration_id,
  cancelled_at,
  'cancelled',
  'times',
  FALSE,
  times_known AND closed_at IS NULL
FROM version_rows
WHERE
  NOT cancelled_at IS NULL
UNION ALL
SELECT
  application_id,
  integration_id,
  created_at,
  CASE event_type
    WHEN 'talon_session_updated'
    THEN 'open'
    WHEN 'talon_session_reopened'
    THEN 'open'
    WHEN 'talon_session_closed'
    THEN 'closed'
    WHEN 'talon_session_partially_returned'
    THEN 'partially_returned'
    ELSE 'cancelled'
  END,
  'events',
  NOT event_type IN ('talon_session_updated', 'talon_session_cancelled'),
  event_type = 'talon_session_cancelled'
FROM effects
WHERE
  NOT created_at IS NULL
  AND event_type IN (
    'talon_session_updated',
    'talon_session_closed',
    'talon_session_cancelled',
    'talon_session_revoked',
    'talon_session_partially_returned',
    'talon_session_reopened'
  )
UNION ALL
SELECT
  application_id,
  integration_id,
  version_at,
  state,
  'versions',
  FALSE,
  FALSE
FROM effects
WHERE
  NOT state IS NULL
