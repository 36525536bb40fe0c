-- links: the graph of customers and the values that they share.
-- grain:  one row per customer and linking value, and one the other way round
-- reads:  sharing
-- made from sql/prepared/links.sql by `python -m tests.tools.translate`: change that one.

SELECT
  customer AS node,
  shared AS neighbour
FROM sharing
WHERE
  is_linked
UNION ALL
SELECT
  shared,
  customer
FROM sharing
WHERE
  is_linked
