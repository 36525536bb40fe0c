-- bounds: from when to when the data are, in microseconds since 1970.
-- grain:  one row
-- reads:  source
-- takes:  variable as_of
-- made from sql/prepared/bounds.sql by `python -m tests.tools.translate`: change that one.

SELECT
  UNIX_MICROS(CAST(CAST(:as_of AS TIMESTAMP) AS TIMESTAMP)) AS as_of,
  UNIX_MICROS(earliest) AS earliest
FROM source
