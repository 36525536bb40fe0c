-- latest: the latest instant in the whole source, before any filter; null when there is none.
-- grain:  one row
-- reads:  sessions, effects
-- note:   one select for each column, as the files themselves tell the maximum of most of them.
-- made from sql/prepared/latest.sql by `python -m tests.tools.translate`: change that one.

SELECT
  MAX(instant) AS latest
FROM (
  SELECT
    MAX(created_at) AS instant
  FROM sessions
  UNION ALL
  SELECT
    MAX(updated_at)
  FROM sessions
  UNION ALL
  SELECT
    MAX(closed_at)
  FROM sessions
  UNION ALL
  SELECT
    MAX(cancelled_at)
  FROM sessions
  UNION ALL
  SELECT
    MAX(created_at)
  FROM effects
)
