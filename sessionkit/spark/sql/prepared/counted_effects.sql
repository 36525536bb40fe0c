-- counted_effects: the effects that count: those of the last evaluation of each session, less what
--         was rolled back later.
-- grain:  one row per effect; rollbacks themselves have none
-- reads:  effect_turns, evaluated
-- note:   a rollback belongs to the discounts of the same campaign, name, position and sub position,
--         to the first of several; or to the coupon, or the referral, of that code. value is what
--         is left of a discount, granted_value what it was, and amount what it is to the session:
--         what it was where the whole session was cancelled, as a discount map tells it then.
-- made from sql/prepared/counted_effects.sql by `python -m tests.tools.translate`: change that one.

WITH chosen AS (
  SELECT
    effect_turns.*,
    evaluated.is_taken_back
  FROM effect_turns
  INNER JOIN evaluated
    USING (application_id, integration_id, is_response, turn)
  WHERE
    NOT is_rollback
), rollbacks AS (
  SELECT
    effect_turns.*
  FROM effect_turns
  INNER JOIN evaluated
    USING (application_id, integration_id)
  WHERE
    effect_turns.is_rollback
    AND CASE
      WHEN effect_turns.is_response = evaluated.is_response
      THEN effect_turns.turn > evaluated.turn
      AND COALESCE(effect_turns.turn <= evaluated.last_turn, TRUE)
      ELSE evaluated.is_response AND effect_turns.second > evaluated.response_second
    END
), discounts_back AS (
  SELECT
    application_id,
    integration_id,
    campaign_id,
    label,
    position,
    sub_position,
    SUM(value) AS back
  FROM rollbacks
  WHERE
    effect_type = 'rollbackDiscount'
  GROUP BY ALL
), codes_back AS (
  SELECT DISTINCT
    application_id,
    integration_id,
    IF(effect_type = 'rollbackCoupon', 'coupon', 'referral') AS kind,
    COALESCE(coupon_code, referral_code) AS code
  FROM rollbacks
  WHERE
    effect_type IN ('rollbackCoupon', 'rollbackReferral')
), placed AS (
  SELECT
    *,
    GREATEST(value, 0) AS most,
    CASE
      WHEN effect_type = 'acceptCoupon'
      THEN 'coupon'
      WHEN effect_type IN ('acceptReferral', 'redeemReferral')
      THEN 'referral'
    END AS kind,
    COALESCE(coupon_code, referral_code) AS code,
    COALESCE(
      SUM(GREATEST(value, 0)) OVER (
        PARTITION BY application_id, integration_id, campaign_id, label, position, sub_position
        ORDER BY place NULLS LAST
        rows BETWEEN UNBOUNDED preceding AND 1 preceding
      ),
      0
    ) AS before
  FROM chosen
), reduced AS (
  SELECT
    placed.*,
    COALESCE(LEAST(GREATEST(discounts_back.back - before, 0), most), 0) AS undone_value,
    NOT codes_back.code IS NULL AS is_code_back
  FROM placed
  LEFT JOIN discounts_back
    ON discounts_back.application_id = placed.application_id
    AND discounts_back.integration_id = placed.integration_id
    AND discounts_back.campaign_id IS NOT DISTINCT FROM placed.campaign_id
    AND discounts_back.label IS NOT DISTINCT FROM placed.label
    AND discounts_back.position IS NOT DISTINCT FROM placed.position
    AND discounts_back.sub_position IS NOT DISTINCT FROM placed.sub_position
  LEFT JOIN codes_back
    ON codes_back.application_id = placed.application_id
    AND codes_back.integration_id = placed.integration_id
    AND codes_back.kind = placed.kind
    AND codes_back.code = placed.code
)
SELECT
  application_id,
  integration_id,
  campaign_id,
  effect_type,
  label,
  coupon_code,
  referral_code,
  value - undone_value AS value,
  value AS granted_value,
  IF(is_taken_back, value, value - undone_value) AS amount,
  desired_value,
  STARTSWITH(effect_type, 'setDiscount')
  AND NOT CONTAINS(effect_type, 'AdditionalCost')
  AND scope IS DISTINCT FROM 'additionalCosts' AS is_of_items,
  is_code_back OR (
    most > 0 AND undone_value = most
  ) AS is_undone,
  NOT is_undone
  AND NOT STARTSWITH(LOWER(effect_type), 'reject')
  AND NOT LOWER(effect_type) IN ('triggerwebhook', 'shownotification', 'error') AS is_applied
FROM reduced
