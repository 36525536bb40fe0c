-- label: the names of a session's discounts.
-- grain:  one row per session and label
-- reads:  told_discounts (one row per session and label)
-- made from sql/dimensions/label.sql by `python -m tests.tools.translate`: change that one.

SELECT
  application_id,
  integration_id,
  label AS value
FROM told_discounts
