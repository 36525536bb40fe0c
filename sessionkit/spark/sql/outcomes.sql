-- outcomes: how sessions ended, or did not, and what they were worth.
-- grain:  one row per group (the columns by_1, by_2, ... of units) and outcome, best first; `idle`
--         only where a timeout was given
-- reads:  ends (one row per session and group, with its outcome), always (groups that have a row
--         even without a session)
-- takes:  variables as_of, has_timeout
-- made from sql/outcomes.sql by `python -m tests.tools.translate`: change that one.

WITH judged AS (
  SELECT
    is_total,
    by_group,
    gross,
    (
      CAST(UNIX_MICROS(CAST(CAST(:as_of AS TIMESTAMP) AS TIMESTAMP)) - UNIX_MICROS(created_at) AS DOUBLE) / CAST(1e6 AS DOUBLE)
    ) AS age,
    outcome
  FROM ends
), told AS (
  SELECT
    is_total,
    by_group,
    outcome,
    COUNT(*) AS session_count,
    SUM(gross) AS gross_total,
    TRY_ELEMENT_AT(ANY_VALUE(quantiles_1.found), 1) AS median_age_seconds
  FROM judged
  LEFT JOIN (
    SELECT
      key_1,
      key_2,
      key_3,
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
          SUM(number) OVER (PARTITION BY key_1, key_2, key_3 ORDER BY value) AS upto,
          SUM(number) OVER (PARTITION BY key_1, key_2, key_3) AS among
        FROM (
          SELECT
            is_total AS key_1,
            by_group AS key_2,
            outcome AS key_3,
            age AS value,
            COUNT(*) AS number
          FROM judged
          WHERE
            NOT (
              age
            ) IS NULL
          GROUP BY ALL
        )
      )
      GROUP BY
        key_1,
        key_2,
        key_3
    )
  ) AS quantiles_1
    ON quantiles_1.key_1 IS NOT DISTINCT FROM is_total
    AND quantiles_1.key_2 IS NOT DISTINCT FROM by_group
    AND quantiles_1.key_3 IS NOT DISTINCT FROM outcome
  GROUP BY ALL
), by_outcome AS (
  SELECT
    *,
    by_group AS grp
  FROM told
), groups AS (
  SELECT
    is_total,
    grp
  FROM by_outcome
  UNION
  SELECT
    is_total,
    by_group AS grp
  FROM always
), outcomes(outcome, step) AS (
  SELECT
    *
  FROM VALUES
    ('kept_whole', 1),
    ('partially_returned', 2),
    ('revoked', 3),
    ('cancelled_open', 4),
    ('cancelled_unknown', 5),
    ('idle', 6),
    ('in_progress', 7) AS _values
), counted AS (
  SELECT
    groups.is_total,
    groups.grp,
    outcomes.outcome,
    outcomes.step,
    COALESCE(by_outcome.session_count, 0) AS session_count,
    COALESCE(by_outcome.gross_total, 0) AS gross_total,
    by_outcome.median_age_seconds
  FROM groups
  CROSS JOIN outcomes
  LEFT JOIN by_outcome
    ON by_outcome.is_total = groups.is_total
    AND by_outcome.grp = groups.grp
    AND by_outcome.outcome = outcomes.outcome
  WHERE
    outcomes.outcome <> 'idle' OR CAST(:has_timeout AS BOOLEAN)
)
SELECT
  is_total,
  grp,
  CAST(outcome AS STRING) AS outcome,
  CAST(session_count AS BIGINT) AS session_count,
  CAST(CAST(SUM(session_count) OVER same_group AS BIGINT) AS BIGINT) AS group_session_count,
  CAST((
    CAST(session_count AS DOUBLE) / CAST(NULLIF(group_session_count, 0) AS DOUBLE)
  ) AS DOUBLE) AS share,
  CAST(gross_total AS DECIMAL(38, 18)) AS gross_total,
  CAST(median_age_seconds AS DOUBLE) AS median_age_seconds,
  CAST(IF(
    CAST(:has_timeout AS BOOLEAN),
    CAST(SUM(IF(outcome IN ('cancelled_open', 'idle'), session_count, NULL)) OVER same_group AS BIGINT),
    NULL
  ) AS BIGINT) AS abandoned
FROM counted
WINDOW same_group AS (PARTITION BY is_total, grp)
ORDER BY
  is_total NULLS LAST,
  grp NULLS LAST,
  step NULLS LAST
