-- effect_turns: the effects, with their place among the evaluations of their session.
-- grain:  one row per effect
-- reads:  effects
-- takes:  variables life_cycle (the states in their order), event_types (the same of events)
-- note:   turn numbers the events of exports, and apart from them the V2 responses, of a session
--         from 1, the oldest first. What belongs to one event has its id; without one, its time.
-- made from sql/prepared/effect_turns.sql by `python -m tests.tools.translate`: change that one.

WITH told AS (
  SELECT
    *,
    NOT state IS NULL OR NOT version_at IS NULL AS is_response,
    IF(is_response, version_at, created_at) AS instant
  FROM effects
)
SELECT
  application_id,
  integration_id,
  is_response,
  DENSE_RANK() OVER (
    PARTITION BY application_id, integration_id, is_response
    ORDER BY IF(is_response, NULL, event_id), IF(event_id IS NULL OR is_response, instant, NULL), NULLIF(ARRAY_POSITION(CAST(:life_cycle AS ARRAY<STRING>), state), 0), IF(
      event_id IS NULL,
      NULLIF(ARRAY_POSITION(CAST(:event_types AS ARRAY<STRING>), event_type), 0),
      NULL
    ), IF(event_id IS NULL, event_type, NULL)
  ) AS turn,
  place,
  state,
  event_type,
  DATE_TRUNC('SECOND', instant) AS second,
  effect_type,
  STARTSWITH(LOWER(effect_type), 'rollback') AS is_rollback,
  campaign_id,
  label,
  value,
  desired_value,
  position,
  sub_position,
  scope,
  coupon_code,
  referral_code,
  rejection_reason
FROM told
