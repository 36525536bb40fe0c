-- entered_codes: which referral codes were entered in which sessions.
-- grain:  one row per session that has a referral code, and group
-- reads:  ends (one row per session and group), referral_fates (one row per session of which
--         something tells what became of its code)
-- note:   accepted and rejected are null where nothing tells what became of the code.
-- made from sql/prepared/entered_referrals.sql by `python -m tests.tools.translate`: change that one.

SELECT
  ends.*,
  IF(is_total, NULL, referral_code) AS name,
  ARRAY_CONTAINS(accepted_codes, referral_code) AS accepted,
  ARRAY_CONTAINS(rejected_codes, referral_code) AS rejected
FROM ends
LEFT JOIN referral_fates
  USING (application_id, integration_id)
WHERE
  NOT referral_code IS NULL
