-- before_timeout: the moment the timeout before now; null where there is none.
-- grain:  one row
-- takes:  variables as_of, timeout_us
-- made from sql/prepared/before_timeout.sql by `python -m tests.tools.translate`: change that one.

SELECT
  CAST(CAST(:as_of AS TIMESTAMP) AS TIMESTAMP) - INTERVAL '0.000001' SECOND * CAST(:timeout_us AS BIGINT) AS moment
