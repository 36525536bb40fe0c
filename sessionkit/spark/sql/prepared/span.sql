-- span: from which day to which the data, and the time asked for, fill whole periods.
-- grain:  one row
-- reads:  source
-- takes:  variables tz, as_of, since, until
-- note:   a day counts as filled when it is filled to its ends; a longer period when the data
--         reach its first and its last day.
-- made from sql/prepared/span.sql by `python -m tests.tools.translate`: change that one.

WITH local AS (
  SELECT
    FROM_UTC_TIMESTAMP(earliest, CAST(:tz AS STRING)) AS earliest,
    FROM_UTC_TIMESTAMP(CAST(CAST(:as_of AS TIMESTAMP) AS TIMESTAMP), CAST(:tz AS STRING)) AS latest,
    FROM_UTC_TIMESTAMP(CAST(CAST(:since AS TIMESTAMP) AS TIMESTAMP), CAST(:tz AS STRING)) AS since,
    FROM_UTC_TIMESTAMP(CAST(CAST(:until AS TIMESTAMP) AS TIMESTAMP), CAST(:tz AS STRING)) AS until
  FROM source
), days AS (
  SELECT
    CAST(earliest AS DATE) AS first_day,
    CAST(earliest AS DATE) + CAST(earliest > DATE_TRUNC('DAY', earliest) AS INT) AS first_whole_day,
    CAST(latest AS DATE) AS last_day,
    CAST(since AS DATE) + CAST(since > DATE_TRUNC('DAY', since) AS INT) AS since_day,
    CAST(until AS DATE) AS until_day
  FROM local
)
SELECT
  GREATEST(first_day, since_day) AS periods_from,
  LEAST(last_day + 1, until_day) AS periods_until,
  GREATEST(first_whole_day, since_day) AS days_from,
  LEAST(last_day, until_day) AS days_until
FROM days
