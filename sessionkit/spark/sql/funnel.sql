-- funnel: how far sessions came: created, closed, kept.
-- grain:  one row per group (the columns by_1, by_2, ... of units) and step
-- reads:  units (one row per session and group), always (groups that have a row even without a
--         session)
-- takes:  variables has_window, matured_before (sessions created until then have had the whole
--         window), window_us
-- note:   a reopened session was closed, is not kept, and can still be. A cancelled session of
--         which nothing tells whether it was closed is unknown at `closed`; at `kept` it is out
--         for certain.
--         Sessions that are alike are counted first: by far the quickest way to so many counts.
-- made from sql/funnel.sql by `python -m tests.tools.translate`: change that one.

WITH alike AS (
  SELECT
    is_total,
    by_group,
    standing,
    tells_closing,
    is_seen_closed AS saw_closing,
    COALESCE(created_at <= CAST(:matured_before AS TIMESTAMP), FALSE) AS is_matured,
    COALESCE(
      UNIX_MICROS(first_closed_at) - UNIX_MICROS(created_at) <= CAST(:window_us AS BIGINT),
      FALSE
    ) AS is_in_time,
    COALESCE(
      UNIX_MICROS(last_closed_at) - UNIX_MICROS(created_at) <= CAST(:window_us AS BIGINT),
      FALSE
    ) AS is_kept_in_time,
    COUNT(*) AS sessions
  FROM units
  GROUP BY ALL
), judged AS (
  SELECT
    is_total,
    by_group,
    standing,
    tells_closing,
    saw_closing,
    is_matured,
    is_in_time,
    is_kept_in_time,
    sessions,
    standing = 'open' AS is_open,
    standing IN ('closed', 'partially_returned') AS is_kept,
    standing = 'partially_returned' AS is_returned,
    standing = 'cancelled' AND NOT saw_closing AND NOT tells_closing AS is_unclear
  FROM alike
  UNION ALL
  SELECT
    is_total,
    by_group,
    NULL AS standing,
    NULL AS tells_closing,
    NULL AS saw_closing,
    NULL AS is_matured,
    NULL AS is_in_time,
    NULL AS is_kept_in_time,
    NULL AS sessions,
    NULL AS is_open,
    NULL AS is_kept,
    NULL AS is_returned,
    NULL AS is_unclear
  FROM always
), counted AS (
  SELECT
    is_total,
    by_group,
    COALESCE(SUM(sessions), 0) AS entered,
    COALESCE(SUM(sessions) FILTER(WHERE
      is_kept OR saw_closing), 0) AS closed,
    COALESCE(SUM(sessions) FILTER(WHERE
      saw_closing), 0) AS closed_seen,
    COALESCE(SUM(sessions) FILTER(WHERE
      is_unclear), 0) AS unclear,
    COALESCE(SUM(sessions) FILTER(WHERE
      is_open AND NOT saw_closing), 0) AS may_close,
    COALESCE(SUM(sessions) FILTER(WHERE
      is_kept), 0) AS kept,
    COALESCE(SUM(sessions) FILTER(WHERE
      is_kept AND saw_closing), 0) AS kept_seen,
    COALESCE(SUM(sessions) FILTER(WHERE
      is_open AND saw_closing), 0) AS reopened,
    COALESCE(SUM(sessions) FILTER(WHERE
      is_returned), 0) AS returned,
    COALESCE(SUM(sessions) FILTER(WHERE
      is_matured), 0) AS matured,
    COALESCE(SUM(sessions) FILTER(WHERE
      is_matured AND is_in_time), 0) AS closed_in_time,
    COALESCE(SUM(sessions) FILTER(WHERE
      is_matured AND is_kept_in_time AND is_kept), 0) AS kept_in_time
  FROM judged
  GROUP BY ALL
), delays AS (
  SELECT
    is_total,
    by_group,
    ANY_VALUE(quantiles_1.found) AS closed_after,
    ANY_VALUE(quantiles_2.found) AS kept_after
  FROM units
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
              CAST(UNIX_MICROS(first_closed_at) - UNIX_MICROS(created_at) AS DOUBLE) / CAST(1e6 AS DOUBLE)
            ) AS value,
            COUNT(*) AS number
          FROM units
          WHERE
            (
              NOT first_closed_at IS NULL
            )
            AND NOT (
              (
                CAST(UNIX_MICROS(first_closed_at) - UNIX_MICROS(created_at) AS DOUBLE) / CAST(1e6 AS DOUBLE)
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
              CAST(UNIX_MICROS(last_closed_at) - UNIX_MICROS(created_at) AS DOUBLE) / CAST(1e6 AS DOUBLE)
            ) AS value,
            COUNT(*) AS number
          FROM units
          WHERE
            (
              NOT first_closed_at IS NULL
            )
            AND (
              standing IN ('closed', 'partially_returned')
            )
            AND NOT (
              (
                CAST(UNIX_MICROS(last_closed_at) - UNIX_MICROS(created_at) AS DOUBLE) / CAST(1e6 AS DOUBLE)
              )
            ) IS NULL
          GROUP BY ALL
        )
      )
      GROUP BY
        key_1,
        key_2
    )
  ) AS quantiles_2
    ON quantiles_2.key_1 IS NOT DISTINCT FROM is_total
    AND quantiles_2.key_2 IS NOT DISTINCT FROM by_group
  WHERE
    NOT first_closed_at IS NULL
  GROUP BY ALL
), per_group AS (
  SELECT
    *
  FROM (
    SELECT
      *,
      by_group AS grp
    FROM counted
  )
  LEFT JOIN (
    SELECT
      is_total,
      by_group AS grp,
      closed_after,
      kept_after
    FROM delays
  )
    USING (is_total, grp)
), steps AS (
  SELECT
    is_total,
    grp,
    1 AS step,
    'created' AS name,
    entered,
    entered AS reached,
    0 AS unknown,
    NULL AS before,
    0 AS in_progress,
    matured,
    matured AS in_time,
    IF(entered > 0, 0.0, NULL) AS median_seconds,
    IF(entered > 0, 0.0, NULL) AS p90_seconds,
    entered AS observed,
    NULL AS returned
  FROM per_group
  UNION ALL
  SELECT
    is_total,
    grp,
    2,
    'closed',
    entered,
    closed,
    unclear,
    entered,
    may_close,
    matured,
    closed_in_time,
    TRY_ELEMENT_AT(closed_after, CAST(1 AS INT)),
    TRY_ELEMENT_AT(closed_after, CAST(2 AS INT)),
    closed_seen,
    NULL
  FROM per_group
  UNION ALL
  SELECT
    is_total,
    grp,
    3,
    'kept',
    entered,
    kept,
    0,
    closed,
    reopened,
    matured,
    kept_in_time,
    TRY_ELEMENT_AT(kept_after, CAST(1 AS INT)),
    TRY_ELEMENT_AT(kept_after, CAST(2 AS INT)),
    kept_seen,
    returned
  FROM per_group
)
SELECT
  is_total,
  grp,
  CAST(step AS INT) AS step,
  CAST(name AS STRING) AS name,
  CAST(CAST(entered AS BIGINT) AS BIGINT) AS entered,
  CAST(CAST(reached AS BIGINT) AS BIGINT) AS reached,
  CAST(CAST(unknown AS BIGINT) AS BIGINT) AS unknown,
  CAST((
    CAST(reached AS DOUBLE) / CAST(NULLIF(before, 0) AS DOUBLE)
  ) AS DOUBLE) AS from_previous,
  CAST((
    CAST(reached AS DOUBLE) / CAST(NULLIF(entered, 0) AS DOUBLE)
  ) AS DOUBLE) AS from_first,
  CAST((
    CAST(reached + unknown AS DOUBLE) / CAST(NULLIF(entered, 0) AS DOUBLE)
  ) AS DOUBLE) AS from_first_high,
  CAST(CAST(COALESCE(before - reached - in_progress - unknown, 0) AS BIGINT) AS BIGINT) AS dropped,
  CAST(CAST(in_progress AS BIGINT) AS BIGINT) AS in_progress,
  CAST(CAST(IF(CAST(:has_window AS BOOLEAN), matured, NULL) AS BIGINT) AS BIGINT) AS matured,
  CAST(IF(
    CAST(:has_window AS BOOLEAN),
    (
      CAST(in_time AS DOUBLE) / CAST(NULLIF(matured, 0) AS DOUBLE)
    ),
    NULL
  ) AS DOUBLE) AS conversion_rate,
  CAST(median_seconds AS DOUBLE) AS median_seconds,
  CAST(p90_seconds AS DOUBLE) AS p90_seconds,
  CAST(CAST(observed AS BIGINT) AS BIGINT) AS observed,
  CAST(CAST(reached - observed AS BIGINT) AS BIGINT) AS inferred,
  CAST(CAST(returned AS BIGINT) AS BIGINT) AS partially_returned
FROM steps
ORDER BY
  is_total NULLS LAST,
  grp NULLS LAST,
  step NULLS LAST
