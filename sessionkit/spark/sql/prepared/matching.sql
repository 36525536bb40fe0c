-- matching: the sessions that meet the filters, and whether they are in time and in the population.
-- grain:  one row per session
-- reads:  facts
-- takes:  variables states (null: any), since, until; conditions on dimensions are added below
-- made from sql/prepared/matching.sql by `python -m tests.tools.translate`: change that one.

SELECT
  *,
  CAST(:states AS ARRAY<STRING>) IS NULL
  OR ARRAY_CONTAINS(CAST(:states AS ARRAY<STRING>), state) AS in_population,
  COALESCE(instant >= CAST(:since AS TIMESTAMP), CAST(:since AS TIMESTAMP) IS NULL)
  AND COALESCE(instant < CAST(:until AS TIMESTAMP), CAST(:until AS TIMESTAMP) IS NULL) AS in_window
FROM facts
