-- evaluated: which evaluation of its rules is the last of a session, as far as it is known.
-- grain:  one row per session of which one is known
-- reads:  effect_turns, sessions
-- takes:  variables is_complete (exports tell all effects since complete_since and until
--         complete_until; a bound that is null is none)
-- note:   A V2 response counts if it told the version that the session is in; one that takes back
--         what was bought goes with the response before it. Else an event of an export counts: the
--         last closing, without one the last update or creation; after a reopening only what came
--         after it, if anything did. Within complete exports, a session without any effect has
--         been evaluated too: its turn is 0.
-- made from sql/prepared/evaluated.sql by `python -m tests.tools.translate`: change that one.

WITH evaluations AS (
  SELECT
    application_id,
    integration_id,
    is_response,
    turn,
    MAX(event_type) AS event_type,
    MAX(state) AS state,
    MAX(second) AS second,
    BOOL_OR(is_rollback) AS takes_back,
    BOOL_AND(is_rollback) AS only_takes_back
  FROM effect_turns
  GROUP BY ALL
), events AS (
  SELECT
    *,
    CASE
      WHEN event_type = 'talon_session_closed'
      THEN 2
      WHEN event_type IN ('talon_session_created', 'talon_session_updated')
      THEN 1
      WHEN event_type IS NULL AND NOT only_takes_back
      THEN 1
    END AS rank,
    event_type IN ('talon_session_cancelled', 'talon_session_revoked') AS ends_it,
    COALESCE(
      MAX(IF(event_type = 'talon_session_reopened', turn, NULL)) OVER (PARTITION BY application_id, integration_id),
      0
    ) AS reopened_turn
  FROM evaluations
  WHERE
    NOT is_response
), exported AS (
  SELECT
    application_id,
    integration_id,
    MAX(NAMED_STRUCT('col1', turn > reopened_turn, 'col2', rank, 'col3', turn)) FILTER(WHERE
      NOT rank IS NULL) AS last,
    MAX(turn) FILTER(WHERE
      ends_it) AS end_turn,
    MAX(second) FILTER(WHERE
      ends_it) AS end_second
  FROM events
  GROUP BY
    application_id,
    integration_id
), responses AS (
  SELECT
    evaluations.*,
    sessions.state = evaluations.state
    AND DATE_TRUNC('SECOND', sessions.updated_at) IS NOT DISTINCT FROM second AS is_current,
    evaluations.state IN ('open', 'closed') OR NOT takes_back AS evaluates
  FROM evaluations
  INNER JOIN sessions
    USING (application_id, integration_id)
  WHERE
    is_response
), current_responses AS (
  SELECT
    *
  FROM responses
  WHERE
    is_current
), responded AS (
  SELECT
    now.application_id,
    now.integration_id,
    now.turn AS last_turn,
    now.second,
    MAX(responses.turn) AS turn
  FROM current_responses AS now
  INNER JOIN responses
    ON responses.application_id = now.application_id
    AND responses.integration_id = now.integration_id
    AND responses.turn <= now.turn
    AND responses.evaluates
  GROUP BY ALL
), covered AS (
  SELECT
    application_id,
    integration_id
  FROM sessions
  WHERE
    CAST(:is_complete AS BOOLEAN)
    AND application_id IN (
      SELECT
        application_id
      FROM effect_turns
      WHERE
        NOT is_response
    )
    AND COALESCE(
      created_at >= CAST(:complete_since AS TIMESTAMP),
      CAST(:complete_since AS TIMESTAMP) IS NULL
    )
    AND COALESCE(
      GREATEST(created_at, updated_at, closed_at, cancelled_at) < CAST(:complete_until AS TIMESTAMP),
      CAST(:complete_until AS TIMESTAMP) IS NULL
    )
)
SELECT
  sessions.application_id,
  sessions.integration_id,
  NOT responded.turn IS NULL AS is_response,
  COALESCE(responded.turn, exported.last.col3, 0) AS turn,
  responded.last_turn,
  responded.second AS response_second,
  sessions.discounts_known IS DISTINCT FROM TRUE
  AND (
    NOT responded.turn IS NULL OR NOT covered.application_id IS NULL
  ) AS tells_discounts,
  sessions.state = 'cancelled'
  OR COALESCE(
    IF(
      NOT responded.turn IS NULL,
      end_second > responded.second,
      end_turn > exported.last.col3
    ),
    FALSE
  ) AS is_taken_back
FROM sessions
LEFT JOIN responded
  USING (application_id, integration_id)
LEFT JOIN exported
  USING (application_id, integration_id)
LEFT JOIN covered
  USING (application_id, integration_id)
WHERE
  NOT responded.turn IS NULL
  OR NOT exported.last IS NULL
  OR (
    NOT covered.application_id IS NULL AND exported.application_id IS NULL
  )
