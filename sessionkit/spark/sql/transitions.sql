-- transitions: which state followed which, how often, how soon, and whether it may.
-- grain:  one row per group (the columns by_1, by_2, ... of units) and pair of states that was
--         seen, in the order of the life cycle
-- reads:  units (one row per session and group), stops, verdicts (every pair of states: its place
--         and its verdict)
-- takes:  variable stops_until (what was seen later does not count; null: all does)
-- note:   the first pair of a session leads from (none), when it was created, to its first stop.
-- made from sql/transitions.sql by `python -m tests.tools.translate`: change that one.

WITH reached AS (
  SELECT
    *,
    LAG(state) OVER in_order AS previous_state,
    LAG(instant) OVER in_order AS previous_at,
    ROW_NUMBER() OVER in_order AS number
  FROM stops
  WHERE
    COALESCE(
      instant <= CAST(:stops_until AS TIMESTAMP),
      CAST(:stops_until AS TIMESTAMP) IS NULL
    )
  WINDOW in_order AS (PARTITION BY application_id, integration_id ORDER BY place NULLS LAST)
), grouped AS (
  SELECT
    is_total,
    by_group AS grp,
    application_id,
    integration_id,
    created_at,
    gross
  FROM units
  WHERE
    COALESCE(
      created_at <= CAST(:stops_until AS TIMESTAMP),
      CAST(:stops_until AS TIMESTAMP) IS NULL
    )
), pairs AS (
  SELECT
    is_total,
    grp,
    application_id,
    integration_id,
    gross,
    COALESCE(previous_state, '(none)') AS from_state,
    state AS to_state,
    (
      CAST(UNIX_MICROS(instant) - UNIX_MICROS(IF(number = 1, created_at, previous_at)) AS DOUBLE) / CAST(1e6 AS DOUBLE)
    ) AS seconds,
    evidence
  FROM grouped
  INNER JOIN reached
    USING (application_id, integration_id)
), delays AS (
  SELECT
    is_total,
    grp,
    from_state,
    to_state,
    COUNT(*) AS transition_count,
    COUNT(seconds) AS timed_count,
    TRY_ELEMENT_AT(ANY_VALUE(quantiles_1.found), 1) AS median_seconds,
    ARRAY_JOIN(
      ARRAY_SORT(TRANSFORM(COLLECT_LIST(DISTINCT STRUCT(evidence AS one)), held -> held.one)),
      ', '
    ) AS evidence
  FROM pairs
  LEFT JOIN (
    SELECT
      key_1,
      key_2,
      key_3,
      key_4,
      ARRAY(
        IF(
          low_1 = high_1,
          CAST(low_1 AS DOUBLE),
          CAST(low_1 AS DOUBLE) * (
            1 - (
              CAST(0.5 AS DOUBLE) * (
                among - 1
              ) - FLOOR(CAST(0.5 AS DOUBLE) * (
                among - 1
              ))
            )
          ) + CAST(high_1 AS DOUBLE) * (
            CAST(0.5 AS DOUBLE) * (
              among - 1
            ) - FLOOR(CAST(0.5 AS DOUBLE) * (
              among - 1
            ))
          )
        )
      ) AS found
    FROM (
      SELECT
        key_1,
        key_2,
        key_3,
        key_4,
        MAX(among) AS among,
        MIN(value) FILTER(WHERE
          upto > FLOOR(CAST(0.5 AS DOUBLE) * (
            among - 1
          ))) AS low_1,
        MIN(value) FILTER(WHERE
          upto > CEIL(CAST(0.5 AS DOUBLE) * (
            among - 1
          ))) AS high_1
      FROM (
        SELECT
          *,
          SUM(number) OVER (PARTITION BY key_1, key_2, key_3, key_4 ORDER BY value) AS upto,
          SUM(number) OVER (PARTITION BY key_1, key_2, key_3, key_4) AS among
        FROM (
          SELECT
            is_total AS key_1,
            grp AS key_2,
            from_state AS key_3,
            to_state AS key_4,
            seconds AS value,
            COUNT(*) AS number
          FROM pairs
          WHERE
            NOT (
              seconds
            ) IS NULL
          GROUP BY ALL
        )
      )
      GROUP BY
        key_1,
        key_2,
        key_3,
        key_4
    )
  ) AS quantiles_1
    ON quantiles_1.key_1 IS NOT DISTINCT FROM is_total
    AND quantiles_1.key_2 IS NOT DISTINCT FROM grp
    AND quantiles_1.key_3 IS NOT DISTINCT FROM from_state
    AND quantiles_1.key_4 IS NOT DISTINCT FROM to_state
  GROUP BY
    is_total,
    grp,
    from_state,
    to_state
), per_session AS (
  SELECT
    is_total,
    grp,
    from_state,
    to_state,
    ANY_VALUE(gross) IGNORE NULLS AS gross
  FROM pairs
  GROUP BY
    is_total,
    grp,
    from_state,
    to_state,
    application_id,
    integration_id
), amounts AS (
  SELECT
    is_total,
    grp,
    from_state,
    to_state,
    COUNT(*) AS session_count,
    COALESCE(SUM(gross), 0) AS gross_total
  FROM per_session
  GROUP BY
    is_total,
    grp,
    from_state,
    to_state
)
SELECT
  is_total,
  grp,
  CAST(from_state AS STRING) AS from_state,
  CAST(to_state AS STRING) AS to_state,
  CAST(session_count AS BIGINT) AS session_count,
  CAST(transition_count AS BIGINT) AS transition_count,
  CAST(timed_count AS BIGINT) AS timed_count,
  CAST(median_seconds AS DOUBLE) AS median_seconds,
  CAST(gross_total AS DECIMAL(38, 18)) AS gross_total,
  CAST(verdict AS STRING) AS verdict,
  CAST(evidence AS STRING) AS evidence,
  CAST(1 - (
    CAST(COALESCE(SUM(IF(verdict = 'illegal', transition_count, NULL)) OVER same_group, 0) AS DOUBLE) / CAST(SUM(transition_count) OVER same_group AS DOUBLE)
  ) AS DOUBLE) AS conformance
FROM delays
INNER JOIN amounts
  USING (is_total, grp, from_state, to_state)
INNER JOIN verdicts
  USING (from_state, to_state)
WINDOW same_group AS (PARTITION BY is_total, grp)
ORDER BY
  is_total NULLS LAST,
  grp NULLS LAST,
  verdicts.place NULLS LAST
