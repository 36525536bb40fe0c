-- top_items: what was bought most, by sku, category or product.
-- grain:  one row per group (the columns by_1, by_2, ... of units) and item, the most bought first
-- reads:  units (one row per session and group), cart_items
-- takes:  variables item_of (sku, category, product), rank_by (money, units), item_limit (null:
--         all)
-- note:   lines are summed to session and item before they meet the groups.
-- made from sql/top_items.sql by `python -m tests.tools.translate`: change that one.

WITH lines AS (
  SELECT
    application_id,
    integration_id,
    CASE CAST(:item_of AS STRING)
      WHEN 'sku'
      THEN sku
      WHEN 'category'
      THEN category
      WHEN 'product'
      THEN product_name
    END AS item,
    quantity,
    price,
    returned_quantity
  FROM cart_items
), in_carts AS (
  SELECT
    application_id,
    integration_id,
    item,
    SUM(price * quantity) AS items_total,
    SUM(quantity) AS unit_count,
    COUNT(*) AS line_count,
    COUNT(*) FILTER(WHERE
      price IS NULL) AS unpriced_line_count,
    SUM(returned_quantity) AS returned_unit_count,
    SUM(quantity) FILTER(WHERE
      NOT returned_quantity IS NULL) AS returned_known_unit_count,
    SUM(price * returned_quantity) AS returned_total
  FROM lines
  GROUP BY
    application_id,
    integration_id,
    item
), per_item AS (
  SELECT
    is_total,
    by_group,
    item,
    SUM(in_carts.items_total) AS items_total,
    CAST(SUM(in_carts.unit_count) AS BIGINT) AS unit_count,
    CAST(SUM(in_carts.line_count) AS BIGINT) AS line_count,
    CAST(SUM(unpriced_line_count) AS BIGINT) AS unpriced_line_count,
    COUNT(*) AS session_count,
    CAST(COALESCE(SUM(returned_unit_count), 0) AS BIGINT) AS returned_unit_count,
    CAST(COALESCE(SUM(returned_known_unit_count), 0) AS BIGINT) AS returned_known_unit_count,
    COALESCE(SUM(returned_total), 0) AS returned_total,
    COUNT(*) FILTER(WHERE
      discounted = 'yes') AS discounted_count,
    COUNT(*) FILTER(WHERE
      knows_discounts) AS discount_known_count,
    COUNT(*) FILTER(WHERE
      knows_discounts IS NULL) AS discount_ambiguous_count,
    COUNT(*) FILTER(WHERE
      NOT knows_discounts) AS discount_unknown_count
  FROM units
  INNER JOIN in_carts
    USING (application_id, integration_id)
  GROUP BY ALL
), placed AS (
  SELECT
    *,
    by_group AS grp,
    ROW_NUMBER() OVER (
      PARTITION BY is_total, by_group
      ORDER BY IF(CAST(:rank_by AS STRING) = 'units', unit_count, NULL) DESC, items_total DESC, unit_count DESC, item NULLS LAST
    ) AS place,
    COUNT(*) OVER same_group AS item_count,
    SUM(items_total) OVER same_group AS group_items_total
  FROM per_item
  WINDOW same_group AS (PARTITION BY is_total, by_group)
)
SELECT
  is_total,
  grp,
  CAST(place AS BIGINT) AS place,
  CAST(item AS STRING) AS item,
  CAST(items_total AS DECIMAL(38, 18)) AS items_total,
  CAST((
    CAST(items_total AS DOUBLE) / CAST(NULLIF(group_items_total, 0) AS DOUBLE)
  ) AS DOUBLE) AS share,
  CAST(unit_count AS BIGINT) AS unit_count,
  CAST(line_count AS BIGINT) AS line_count,
  CAST(unpriced_line_count AS BIGINT) AS unpriced_line_count,
  CAST(session_count AS BIGINT) AS session_count,
  CAST(returned_unit_count AS BIGINT) AS returned_unit_count,
  CAST(returned_known_unit_count AS BIGINT) AS returned_known_unit_count,
  CAST((
    CAST(returned_unit_count AS DOUBLE) / CAST(NULLIF(returned_known_unit_count, 0) AS DOUBLE)
  ) AS DOUBLE) AS returned_share,
  CAST(returned_total AS DECIMAL(38, 18)) AS returned_total,
  CAST(discounted_count AS BIGINT) AS discounted_count,
  CAST(discount_known_count AS BIGINT) AS discount_known_count,
  CAST(discount_ambiguous_count AS BIGINT) AS discount_ambiguous_count,
  CAST(discount_unknown_count AS BIGINT) AS discount_unknown_count,
  CAST(IF(
    discount_ambiguous_count = 0,
    (
      CAST(discounted_count AS DOUBLE) / CAST(NULLIF(discount_known_count, 0) AS DOUBLE)
    ),
    NULL
  ) AS DOUBLE) AS discount_penetration,
  CAST(item_count AS BIGINT) AS item_count
FROM placed
WHERE
  COALESCE(place <= CAST(:item_limit AS INT), TRUE)
ORDER BY
  is_total NULLS LAST,
  grp NULLS LAST,
  place NULLS LAST
