-- entered: the values that customers can share, with the sessions that hold them.
-- grain:  one row per session, group, kind and value, of identified customers
-- reads:  units (one row per session and group), identifiers, coupons, sessions
-- takes:  variable kinds (identifier, coupon, referral)
-- made from sql/prepared/entered.sql by `python -m tests.tools.translate`: change that one.

WITH held AS (
  SELECT
    application_id,
    integration_id,
    'identifier' AS kind,
    identifier AS value
  FROM identifiers
  WHERE
    ARRAY_CONTAINS(CAST(:kinds AS ARRAY<STRING>), 'identifier')
  UNION ALL
  SELECT
    application_id,
    integration_id,
    'coupon',
    code
  FROM coupons
  WHERE
    ARRAY_CONTAINS(CAST(:kinds AS ARRAY<STRING>), 'coupon')
  UNION ALL
  SELECT
    application_id,
    integration_id,
    'referral',
    referral_code
  FROM sessions
  WHERE
    ARRAY_CONTAINS(CAST(:kinds AS ARRAY<STRING>), 'referral')
)
SELECT
  is_total,
  by_group AS grp,
  application_id,
  integration_id,
  profile,
  nameless_profile,
  kind,
  value
FROM units
INNER JOIN held
  USING (application_id, integration_id)
WHERE
  (
    NOT profile IS NULL OR NOT nameless_profile IS NULL
  ) AND value <> ''
