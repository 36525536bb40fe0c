-- entered_codes: sessions in which coupons were rejected, by the reason.
-- grain:  one row per session, group and reason; in the group of all groups together one row per
--         session with a rejection
-- reads:  ends (one row per session and group), rejected_coupons (one row per session, code and
--         reason)
-- made from sql/prepared/entered_rejections.sql by `python -m tests.tools.translate`: change that one.

SELECT
  ends.*,
  reasons.reason AS name,
  CAST(NULL AS BOOLEAN) AS accepted,
  CAST(NULL AS BOOLEAN) AS rejected
FROM ends
INNER JOIN (
  SELECT DISTINCT
    application_id,
    integration_id,
    reason
  FROM rejected_coupons
) AS reasons
  USING (application_id, integration_id)
WHERE
  NOT is_total
UNION ALL
SELECT
  *,
  CAST(NULL AS STRING) AS name,
  CAST(NULL AS BOOLEAN) AS accepted,
  CAST(NULL AS BOOLEAN) AS rejected
FROM ends
SEMI JOIN rejected_coupons
  USING (application_id, integration_id)
WHERE
  is_total
