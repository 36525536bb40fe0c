-- earlier: as_of and the latest instant in the data, where as_of is the earlier one; as text.
-- grain:  one row, or none
-- reads:  latest
-- takes:  variable as_of
-- made from sql/prepared/earlier.sql by `python -m tests.tools.translate`: change that one.

SELECT
  CONCAT(CAST(CAST(CAST(:as_of AS TIMESTAMP) AS TIMESTAMP) AS STRING), '+00') AS as_of,
  CONCAT(CAST(CAST(latest AS TIMESTAMP) AS STRING), '+00') AS latest
FROM latest
WHERE
  CAST(CAST(:as_of AS TIMESTAMP) AS TIMESTAMP) < latest
