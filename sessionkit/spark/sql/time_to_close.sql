-- time_to_close: how long sessions took from being created to being closed.
-- grain:  one row per group (the columns by_1, by_2, ... of units)
-- reads:  units (one row per session and group), always (groups that have a row even without a
--         session)
-- takes:  variable as_of
-- note:   a session closed more than once took until it was first closed.
-- made from sql/time_to_close.sql by `python -m tests.tools.translate`: change that one.

WITH judged AS (
  SELECT
    is_total,
    by_group,
    TRUE AS is_session,
    standing IN ('closed', 'partially_returned') OR is_seen_closed AS is_closed,
    standing = 'open' AND NOT is_seen_closed AS is_open,
    standing = 'cancelled' AND NOT is_seen_closed AS is_cancelled,
    UNIX_MICROS(first_closed_at) - UNIX_MICROS(created_at) AS took,
    UNIX_MICROS(CAST(CAST(:as_of AS TIMESTAMP) AS TIMESTAMP)) - UNIX_MICROS(created_at) AS age
  FROM units
  UNION ALL
  SELECT
    is_total,
    by_group,
    NULL AS is_session,
    NULL AS is_closed,
    NULL AS is_open,
    NULL AS is_cancelled,
    NULL AS took,
    NULL AS age
  FROM always
), counted AS (
  SELECT
    is_total,
    by_group,
    COUNT(is_session) AS session_count,
    COUNT(*) FILTER(WHERE
      is_closed) AS closed_count,
    COUNT(*) FILTER(WHERE
      is_open) AS open_count,
    COUNT(*) FILTER(WHERE
      is_cancelled) AS cancelled_count,
    COUNT(took) AS timed_count,
    ANY_VALUE(quantiles_1.found) AS seconds,
    COUNT(*) FILTER(WHERE
      age >= 3600000000) AS age_1_hour,
    COUNT(*) FILTER(WHERE
      age >= 86400000000) AS age_1_day,
    COUNT(*) FILTER(WHERE
      age >= 259200000000) AS age_3_days,
    COUNT(*) FILTER(WHERE
      age >= 604800000000) AS age_7_days,
    COUNT(*) FILTER(WHERE
      age >= 2592000000000) AS age_30_days,
    COUNT(*) FILTER(WHERE
      age >= 3600000000 AND took <= 3600000000) AS closed_1_hour,
    COUNT(*) FILTER(WHERE
      age >= 86400000000 AND took <= 86400000000) AS closed_1_day,
    COUNT(*) FILTER(WHERE
      age >= 259200000000 AND took <= 259200000000) AS closed_3_days,
    COUNT(*) FILTER(WHERE
      age >= 604800000000 AND took <= 604800000000) AS closed_7_days,
    COUNT(*) FILTER(WHERE
      age >= 2592000000000 AND took <= 2592000000000) AS closed_30_days
  FROM judged
  LEFT JOIN (
    SELECT
      key_1,
      key_2,
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
        ),
        IF(
          low_2 = high_2,
          CAST(low_2 AS DOUBLE),
          CAST(low_2 AS DOUBLE) * (
            1 - (
              CAST(0.9 AS DOUBLE) * (
                among - 1
              ) - FLOOR(CAST(0.9 AS DOUBLE) * (
                among - 1
              ))
            )
          ) + CAST(high_2 AS DOUBLE) * (
            CAST(0.9 AS DOUBLE) * (
              among - 1
            ) - FLOOR(CAST(0.9 AS DOUBLE) * (
              among - 1
            ))
          )
        )
      ) AS found
    FROM (
      SELECT
        key_1,
        key_2,
        MAX(among) AS among,
        MIN(value) FILTER(WHERE
          upto > FLOOR(CAST(0.5 AS DOUBLE) * (
            among - 1
          ))) AS low_1,
        MIN(value) FILTER(WHERE
          upto > CEIL(CAST(0.5 AS DOUBLE) * (
            among - 1
          ))) AS high_1,
        MIN(value) FILTER(WHERE
          upto > FLOOR(CAST(0.9 AS DOUBLE) * (
            among - 1
          ))) AS low_2,
        MIN(value) FILTER(WHERE
          upto > CEIL(CAST(0.9 AS DOUBLE) * (
            among - 1
          ))) AS high_2
      FROM (
        SELECT
          *,
          SUM(number) OVER (PARTITION BY key_1, key_2 ORDER BY value) AS upto,
          SUM(number) OVER (PARTITION BY key_1, key_2) AS among
        FROM (
          SELECT
            is_total AS key_1,
            by_group AS key_2,
            (
              CAST(took AS DOUBLE) / CAST(1e6 AS DOUBLE)
            ) AS value,
            COUNT(*) AS number
          FROM judged
          WHERE
            NOT (
              (
                CAST(took AS DOUBLE) / CAST(1e6 AS DOUBLE)
              )
            ) IS NULL
          GROUP BY ALL
        )
      )
      GROUP BY
        key_1,
        key_2
    )
  ) AS quantiles_1
    ON quantiles_1.key_1 IS NOT DISTINCT FROM is_total
    AND quantiles_1.key_2 IS NOT DISTINCT FROM by_group
  GROUP BY ALL
), per_group AS (
  SELECT
    *,
    by_group AS grp
  FROM counted
)
SELECT
  is_total,
  grp,
  CAST(session_count AS BIGINT) AS session_count,
  CAST(closed_count AS BIGINT) AS closed_count,
  CAST(open_count AS BIGINT) AS open_count,
  CAST(cancelled_count AS BIGINT) AS cancelled_count,
  CAST(timed_count AS BIGINT) AS timed_count,
  CAST(TRY_ELEMENT_AT(seconds, CAST(1 AS INT)) AS DOUBLE) AS median_seconds,
  CAST(TRY_ELEMENT_AT(seconds, CAST(2 AS INT)) AS DOUBLE) AS p90_seconds,
  CAST(closed_1_hour AS BIGINT) AS closed_within_1_hour_count,
  CAST(age_1_hour AS BIGINT) AS matured_1_hour_count,
  CAST((
    CAST(closed_1_hour AS DOUBLE) / CAST(NULLIF(age_1_hour, 0) AS DOUBLE)
  ) AS DOUBLE) AS closed_within_1_hour_share,
  CAST(closed_1_day AS BIGINT) AS closed_within_1_day_count,
  CAST(age_1_day AS BIGINT) AS matured_1_day_count,
  CAST((
    CAST(closed_1_day AS DOUBLE) / CAST(NULLIF(age_1_day, 0) AS DOUBLE)
  ) AS DOUBLE) AS closed_within_1_day_share,
  CAST(closed_3_days AS BIGINT) AS closed_within_3_days_count,
  CAST(age_3_days AS BIGINT) AS matured_3_days_count,
  CAST((
    CAST(closed_3_days AS DOUBLE) / CAST(NULLIF(age_3_days, 0) AS DOUBLE)
  ) AS DOUBLE) AS closed_within_3_days_share,
  CAST(closed_7_days AS BIGINT) AS closed_within_7_days_count,
  CAST(age_7_days AS BIGINT) AS matured_7_days_count,
  CAST((
    CAST(closed_7_days AS DOUBLE) / CAST(NULLIF(age_7_days, 0) AS DOUBLE)
  ) AS DOUBLE) AS closed_within_7_days_share,
  CAST(closed_30_days AS BIGINT) AS closed_within_30_days_count,
  CAST(age_30_days AS BIGINT) AS matured_30_days_count,
  CAST((
    CAST(closed_30_days AS DOUBLE) / CAST(NULLIF(age_30_days, 0) AS DOUBLE)
  ) AS DOUBLE) AS closed_within_30_days_share
FROM per_group
ORDER BY
  is_total NULLS LAST,
  grp NULLS LAST
