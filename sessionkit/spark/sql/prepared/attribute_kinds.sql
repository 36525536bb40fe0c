-- attribute_kinds: what kinds of values the attributes of sessions have.
-- grain:  one row per attribute and kind; what a list holds counts as "object in a list"
-- reads:  attributes
-- takes:  variable attribute_names, for which lists are looked into
-- made from sql/prepared/attribute_kinds.sql by `python -m tests.tools.translate`: change that one.

WITH told AS (
  SELECT
    name,
    kind,
    value
  FROM attributes
  WHERE
    line IS NULL
), element AS (
  SELECT
    name,
    EXPLODE(FROM_JSON(value, 'array<variant>')) AS value
  FROM told
  WHERE
    kind = 'list' AND ARRAY_CONTAINS(CAST(:attribute_names AS ARRAY<STRING>), name)
)
SELECT DISTINCT
  name,
  kind
FROM told
UNION
SELECT DISTINCT
  name,
  'object in a list' AS kind
FROM element
WHERE
  REGEXP_EXTRACT(SCHEMA_OF_VARIANT(value), '^[A-Z]+', 0) IN ('OBJECT', 'ARRAY')
ORDER BY
  name NULLS LAST,
  kind NULLS LAST
