-- category: the categories of what lies in a session's cart.
-- grain:  one row per session and category; null where a line has none
-- reads:  cart_items
-- made from sql/dimensions/category.sql by `python -m tests.tools.translate`: change that one.

SELECT DISTINCT
  application_id,
  integration_id,
  category AS value
FROM cart_items
