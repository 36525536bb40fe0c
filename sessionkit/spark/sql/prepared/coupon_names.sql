-- coupon_names: the coupon codes entered, and under which name each is counted.
-- grain:  one row per session and code
-- reads:  coupons
-- takes:  variable coupon_pattern (null: every code has its own name)
-- note:   a name is what the pattern matches first in a code; where it matches nothing, or an empty
--         text, it is the code itself.
-- made from sql/prepared/coupon_names.sql by `python -m tests.tools.translate`: change that one.

SELECT
  application_id,
  integration_id,
  code,
  COALESCE(
    NULLIF(
      IF(
        CAST(CAST(:coupon_pattern AS STRING) AS STRING) IS NULL,
        NULL,
        FIRST_MATCH(code, CAST(CAST(:coupon_pattern AS STRING) AS STRING))
      ),
      ''
    ),
    code
  ) AS name
FROM coupons
