-- attribute_values: the attributes that a question names, as text to group by.
-- grain:  one row per session, attribute and distinct value; a list gives several
-- reads:  attributes
-- takes:  variable attribute_names
-- note:   null and "" are both null. Numbers are written without needless zeros, so that 5 and 5.0
--         are one value; they are read as decimals, since a float would lose digits.
-- made from sql/prepared/attribute_values.sql by `python -m tests.tools.translate`: change that one.

WITH told AS (
  SELECT
    application_id,
    integration_id,
    name,
    kind,
    value
  FROM attributes
  WHERE
    line IS NULL AND ARRAY_CONTAINS(CAST(:attribute_names AS ARRAY<STRING>), name)
), single AS (
  SELECT
    application_id,
    integration_id,
    name,
    CASE kind
      WHEN 'string'
      THEN GET_JSON_OBJECT(value, '$')
      WHEN 'number'
      THEN COALESCE(
        TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CAST(TRY_CAST(value AS DECIMAL(38, 18)) AS STRING))),
        value
      )
      WHEN 'boolean'
      THEN value
    END AS value
  FROM told
  WHERE
    kind <> 'list'
), element AS (
  SELECT
    application_id,
    integration_id,
    name,
    inline(ARRAYS_ZIP(FROM_JSON(value, 'array<variant>'), TRANSFORM(FROM_JSON(value, 'array<string>'), held -> TRY_CAST(held AS DECIMAL(38, 18))))) as (value, number)
  FROM told
  WHERE
    kind = 'list'
), listed AS (
  SELECT
    application_id,
    integration_id,
    name,
    CASE
      WHEN REGEXP_EXTRACT(SCHEMA_OF_VARIANT(value), '^[A-Z]+', 0) IN ('BIGINT', 'DECIMAL', 'DOUBLE')
      THEN COALESCE(
        TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CAST(number AS STRING))),
        CAST(value AS STRING)
      )
      ELSE TRY_VARIANT_GET(value, '$', 'string')
    END AS value
  FROM element
)
SELECT DISTINCT
  application_id,
  integration_id,
  name,
  NULLIF(value, '') AS value
FROM (
  SELECT
    *
  FROM single
  UNION ALL
  SELECT
    *
  FROM listed
)
