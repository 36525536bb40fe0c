-- discount_rows: the discounts of sessions, by their names.
-- grain:  one row per session and label
-- reads:  told_discounts
-- note:   "10% off#3" is a discount of one item; "Deal #2" is a name, as a space precedes the #.
-- made from sql/prepared/discount_rows.sql by `python -m tests.tools.translate`: change that one.

SELECT
  application_id,
  integration_id,
  label,
  REGEXP_REPLACE(label, '([^\\t\\n\\f\\r \\p{Z}])#[0-9]+\\z', '$1') AS base_label,
  value
FROM told_discounts
