-- entered_codes: which coupon codes were entered in which sessions.
-- grain:  one row per session, group and name of a code; in the group of all groups together one
--         row per session that has a code
-- reads:  ends (one row per session and group), coupon_names (one row per session and code),
--         coupon_fates (one row per session and code of which something tells what became of it)
-- note:   accepted and rejected are null where nothing tells what became of the code; of several
--         codes, one that was accepted, or rejected, is enough.
-- made from sql/prepared/entered_coupons.sql by `python -m tests.tools.translate`: change that one.

WITH fated AS (
  SELECT
    application_id,
    integration_id,
    name,
    accepted,
    rejected
  FROM coupon_names
  LEFT JOIN coupon_fates
    USING (application_id, integration_id, code)
)
SELECT
  ends.*,
  names.name,
  names.accepted,
  names.rejected
FROM ends
INNER JOIN (
  SELECT
    application_id,
    integration_id,
    name,
    BOOL_OR(accepted) AS accepted,
    BOOL_OR(rejected) AS rejected
  FROM fated
  GROUP BY ALL
) AS names
  USING (application_id, integration_id)
WHERE
  NOT is_total
UNION ALL
SELECT
  ends.*,
  CAST(NULL AS STRING) AS name,
  names.accepted,
  names.rejected
FROM ends
INNER JOIN (
  SELECT
    application_id,
    integration_id,
    BOOL_OR(accepted) AS accepted,
    BOOL_OR(rejected) AS rejected
  FROM fated
  GROUP BY ALL
) AS names
  USING (application_id, integration_id)
WHERE
  is_total
