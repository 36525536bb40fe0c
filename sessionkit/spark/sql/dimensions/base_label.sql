-- base_label: labels without the place of the item that they are about.
-- grain:  one row per session and base label
-- reads:  discount_rows (one row per session and label)
-- made from sql/dimensions/base_label.sql by `python -m tests.tools.translate`: change that one.

SELECT DISTINCT
  application_id,
  integration_id,
  base_label AS value
FROM discount_rows
