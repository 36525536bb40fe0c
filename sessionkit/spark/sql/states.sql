-- states: where sessions stand, and what they were worth.
-- grain:  one row per group (the columns by_1, by_2, ... of units) and state, in the order of the
--         life cycle
-- reads:  units (one row per session and group), states, always (groups that have a row even
--         without a session)
-- note:   every group has all four states, also those with no session in them.
-- made from sql/states.sql by `python -m tests.tools.translate`: change that one.

WITH by_state AS (
  SELECT
    is_total,
    by_group,
    state,
    COUNT(*) AS session_count,
    SUM(gross) AS gross_total
  FROM units
  GROUP BY ALL
  UNION ALL
  SELECT
    is_total,
    by_group,
    NULL AS state,
    NULL AS session_count,
    NULL AS gross_total
  FROM always
), per_group AS (
  SELECT
    is_total,
    by_group,
    MAP_FROM_ENTRIES(
      COLLECT_LIST(NAMED_STRUCT('col1', state, 'col2', session_count)) FILTER(WHERE
        NOT state IS NULL)
    ) AS session_counts,
    MAP_FROM_ENTRIES(
      COLLECT_LIST(NAMED_STRUCT('col1', state, 'col2', gross_total)) FILTER(WHERE
        NOT state IS NULL)
    ) AS gross_totals,
    CAST(COALESCE(SUM(session_count), 0) AS BIGINT) AS group_session_count
  FROM by_state
  GROUP BY ALL
)
SELECT
  is_total,
  by_group AS grp,
  CAST(state AS STRING) AS state,
  CAST(COALESCE(TRY_ELEMENT_AT(session_counts, state), 0) AS BIGINT) AS session_count,
  CAST(group_session_count AS BIGINT) AS group_session_count,
  CAST((
    CAST(session_count AS DOUBLE) / CAST(NULLIF(group_session_count, 0) AS DOUBLE)
  ) AS DOUBLE) AS share,
  CAST(COALESCE(TRY_ELEMENT_AT(gross_totals, state), 0) AS DECIMAL(38, 18)) AS gross_total
FROM per_group
CROSS JOIN states
ORDER BY
  is_total NULLS LAST,
  grp NULLS LAST,
  step NULLS LAST
