-- source: what the whole source holds, before any filter.
-- grain:  one row
-- reads:  sessions
-- takes:  variable time_basis
-- made from sql/prepared/source.sql by `python -m tests.tools.translate`: change that one.

SELECT
  COUNT(*) AS session_count,
  MIN(state) AS any_state,
  MAX(state) AS other_state,
  MIN(application_id) AS any_application,
  MAX(application_id) AS other_application,
  MIN(
    CASE CAST(:time_basis AS STRING)
      WHEN 'created'
      THEN created_at
      WHEN 'updated'
      THEN updated_at
      WHEN 'closed'
      THEN closed_at
      WHEN 'cancelled'
      THEN cancelled_at
    END
  ) AS earliest
FROM sessions
