-- currencies: the currency of each session, where an attribute holds it.
-- grain:  one row per session
-- reads:  attribute_values
-- takes:  variable currency_attribute
-- made from sql/prepared/currencies.sql by `python -m tests.tools.translate`: change that one.

SELECT
  application_id,
  integration_id,
  MIN(value) AS own_currency
FROM attribute_values
WHERE
  name = CAST(:currency_attribute AS STRING)
GROUP BY
  application_id,
  integration_id
