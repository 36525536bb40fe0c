-- before_window: the moment the window before now; null where there is none.
-- grain:  one row
-- takes:  variables as_of, window_us
-- made from sql/prepared/before_window.sql by `python -m tests.tools.translate`: change that one.

SELECT
  CAST(CAST(:as_of AS TIMESTAMP) AS TIMESTAMP) - INTERVAL '0.000001' SECOND * CAST(:window_us AS BIGINT) AS moment
