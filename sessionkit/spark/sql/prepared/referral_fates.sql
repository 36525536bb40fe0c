-- referral_fates: which referral codes were accepted or rejected in a session.
-- grain:  one row per session whose last evaluation is known
-- reads:  evaluated, counted_effects
-- made from sql/prepared/referral_fates.sql by `python -m tests.tools.translate`: change that one.

SELECT
  evaluated.application_id,
  evaluated.integration_id,
  COALESCE(
    TRANSFORM(
      COLLECT_LIST(STRUCT(referral_code AS one)) FILTER(WHERE
        effect_type IN ('acceptReferral', 'redeemReferral') AND NOT is_undone),
      held -> held.one
    ),
    ARRAY()
  ) AS accepted_codes,
  COALESCE(
    TRANSFORM(
      COLLECT_LIST(STRUCT(referral_code AS one)) FILTER(WHERE
        effect_type = 'rejectReferral'),
      held -> held.one
    ),
    ARRAY()
  ) AS rejected_codes
FROM evaluated
LEFT JOIN counted_effects
  USING (application_id, integration_id)
GROUP BY
  evaluated.application_id,
  evaluated.integration_id
