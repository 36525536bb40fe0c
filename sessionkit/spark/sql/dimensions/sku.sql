-- sku: what lies in a session's cart.
-- grain:  one row per session and sku
-- reads:  cart_items
-- made from sql/dimensions/sku.sql by `python -m tests.tools.translate`: change that one.

SELECT DISTINCT
  application_id,
  integration_id,
  sku AS value
FROM cart_items
