-- cohort_retention: of the customers who began together, how many came back, and when.
-- grain:  one row per group (the columns by_1, by_2, ... of units), cohort and period
-- reads:  facts (every session of the source), history (sessions of any time and state by group),
--         units (one row per session and group)
-- takes:  variables period, period_months and period_days (its length), tell_began (whether
--         cohorts that began at a discount stand apart), as_of, since, until, tz
-- note:   a time and a rank are one number, time * 4 + rank, so that one minimum finds the earliest
--         session and what it says: by rank where several are equally early.
-- made from sql/cohort_retention.sql by `python -m tests.tools.translate`: change that one.

WITH earliest AS (
  SELECT
    profile,
    nameless_profile,
    MIN(
      UNIX_MICROS(created_at) * 4 + CASE customer_type WHEN 'new' THEN 0 WHEN 'unknown' THEN 1 ELSE 2 END
    ) AS created_and_rank
  FROM facts
  WHERE
    NOT profile IS NULL OR NOT nameless_profile IS NULL
  GROUP BY
    profile,
    nameless_profile
), firsts AS (
  SELECT
    is_total,
    by_group,
    profile,
    nameless_profile,
    BOOL_OR(is_completed) AS has_completed,
    MIN(
      UNIX_MICROS(instant) * 4 + CASE discounted WHEN 'yes' THEN 0 WHEN 'no' THEN 1 ELSE 2 END
    ) FILTER(WHERE
      is_completed) AS instant_and_rank
  FROM (
    SELECT
      *,
      state IN ('closed', 'partially_returned') AS is_completed
    FROM history
  )
  WHERE
    (
      NOT profile IS NULL OR NOT nameless_profile IS NULL
    )
    AND COALESCE(instant <= CAST(CAST(:as_of AS TIMESTAMP) AS TIMESTAMP), TRUE)
  GROUP BY ALL
), begun AS (
  SELECT
    firsts.*,
    (
      created_and_rank % 4 + 4
    ) % 4 AS told_rank,
    (
      instant_and_rank % 4 + 4
    ) % 4 AS discount_rank,
    FROM_UTC_TIMESTAMP(
      TIMESTAMP_MICROS((
        instant_and_rank - discount_rank
      ) DIV 4),
      CAST(:tz AS STRING)
    ) AS began_at
  FROM firsts
  INNER JOIN earliest
    ON earliest.profile IS NOT DISTINCT FROM firsts.profile
    AND earliest.nameless_profile IS NOT DISTINCT FROM firsts.nameless_profile
), customers AS (
  SELECT
    is_total,
    by_group AS grp,
    profile,
    nameless_profile,
    told_rank,
    has_completed AND told_rank = 2 AS is_earlier,
    CASE
      WHEN NOT CAST(:tell_began AS BOOLEAN) OR NOT has_completed
      THEN NULL
      WHEN is_earlier OR discount_rank IS NULL
      THEN 'unknown'
      ELSE TRY_ELEMENT_AT(ARRAY('yes', 'no', 'unknown'), CAST(discount_rank + 1 AS INT))
    END AS first_discounted,
    IF(is_earlier, NULL, CAST(DATE_TRUNC(CAST(:period AS STRING), began_at) AS DATE)) AS cohort_day
  FROM begun
), sizes AS (
  SELECT
    is_total,
    grp,
    first_discounted,
    is_earlier,
    cohort_day,
    COUNT(*) AS customer_count,
    COUNT(*) FILTER(WHERE
      told_rank = 1) AS first_unknown_count,
    MIN(cohort_day) OVER () AS first_cohort_day
  FROM customers
  GROUP BY
    is_total,
    grp,
    first_discounted,
    is_earlier,
    cohort_day
), seen AS (
  SELECT
    is_total,
    by_group AS grp,
    profile,
    nameless_profile,
    CAST(DATE_TRUNC(CAST(:period AS STRING), local_time) AS DATE) AS period,
    COUNT(*) AS session_count,
    SUM(gross) AS gross_total,
    COUNT(gross) AS total_known_count
  FROM units
  WHERE
    (
      NOT profile IS NULL OR NOT nameless_profile IS NULL
    )
    AND COALESCE(instant <= CAST(CAST(:as_of AS TIMESTAMP) AS TIMESTAMP), TRUE)
  GROUP BY ALL
), active AS (
  SELECT
    is_total,
    grp,
    first_discounted,
    is_earlier,
    cohort_day,
    period,
    COUNT(*) AS active_count,
    CAST(SUM(session_count) AS BIGINT) AS session_count,
    SUM(gross_total) AS gross_total,
    CAST(SUM(total_known_count) AS BIGINT) AS total_known_count
  FROM seen
  INNER JOIN customers
    USING (is_total, grp)
  WHERE
    customers.profile IS NOT DISTINCT FROM seen.profile
    AND customers.nameless_profile IS NOT DISTINCT FROM seen.nameless_profile
  GROUP BY ALL
), spans AS (
  SELECT
    is_total,
    grp,
    MIN(day) AS first_day,
    CAST(DATE_TRUNC(
      CAST(:period AS STRING),
      FROM_UTC_TIMESTAMP(CAST(CAST(:as_of AS TIMESTAMP) AS TIMESTAMP), CAST(:tz AS STRING))
    ) AS DATE) AS last_day
  FROM (
    SELECT
      is_total,
      grp,
      cohort_day AS day
    FROM sizes
    UNION ALL
    SELECT
      is_total,
      grp,
      period
    FROM active
    WHERE
      is_earlier
  )
  GROUP BY
    is_total,
    grp
), places AS (
  SELECT
    is_total,
    grp,
    first_discounted,
    is_earlier,
    cohort_day,
    COALESCE(cohort_day, first_day) AS from_day,
    EXPLODE(
      SLICE(
        SEQUENCE(
          0,
          CAST(GREATEST(
            CASE CAST(:period AS STRING)
              WHEN 'week'
              THEN DATEDIFF(WEEK, first_day, last_day)
              WHEN 'month'
              THEN DATEDIFF(MONTH, first_day, last_day)
              WHEN 'quarter'
              THEN DATEDIFF(QUARTER, first_day, last_day)
              WHEN 'year'
              THEN DATEDIFF(YEAR, first_day, last_day)
            END + 1,
            0
          ) AS INT)
        ),
        1,
        CAST(GREATEST(
          CASE CAST(:period AS STRING)
            WHEN 'week'
            THEN DATEDIFF(WEEK, first_day, last_day)
            WHEN 'month'
            THEN DATEDIFF(MONTH, first_day, last_day)
            WHEN 'quarter'
            THEN DATEDIFF(QUARTER, first_day, last_day)
            WHEN 'year'
            THEN DATEDIFF(YEAR, first_day, last_day)
          END + 1,
          0
        ) AS INT)
      )
    ) AS place
  FROM sizes
  INNER JOIN spans
    USING (is_total, grp)
  WHERE
    NOT cohort_day IS NULL OR is_earlier
), cells AS (
  SELECT
    is_total,
    grp,
    first_discounted,
    is_earlier,
    cohort_day,
    period,
    CAST(COALESCE(SUM(active_count), 0) AS BIGINT) AS active_count,
    CAST(COALESCE(SUM(session_count), 0) AS BIGINT) AS session_count,
    COALESCE(SUM(gross_total), 0) AS gross_total,
    CAST(COALESCE(SUM(total_known_count), 0) AS BIGINT) AS total_known_count
  FROM (
    SELECT
      is_total,
      grp,
      first_discounted,
      is_earlier,
      cohort_day,
      CAST(from_day + MAKE_YM_INTERVAL(0, CAST(CAST(place * CAST(:period_months AS INT) AS INT) AS INT)) + MAKE_DT_INTERVAL(CAST(CAST(place * CAST(:period_days AS INT) AS INT) AS INT)) AS DATE) AS period,
      NULL AS active_count,
      NULL AS session_count,
      NULL AS gross_total,
      NULL AS total_known_count
    FROM places
    UNION ALL
    SELECT
      is_total,
      grp,
      first_discounted,
      is_earlier,
      cohort_day,
      period,
      active_count,
      session_count,
      gross_total,
      total_known_count
    FROM active
  )
  GROUP BY
    is_total,
    grp,
    first_discounted,
    is_earlier,
    cohort_day,
    period
), told AS (
  SELECT
    cells.*,
    customer_count,
    first_unknown_count,
    first_cohort_day,
    CASE CAST(:period AS STRING)
      WHEN 'week'
      THEN DATEDIFF(WEEK, cells.cohort_day, period)
      WHEN 'month'
      THEN DATEDIFF(MONTH, cells.cohort_day, period)
      WHEN 'quarter'
      THEN DATEDIFF(QUARTER, cells.cohort_day, period)
      WHEN 'year'
      THEN DATEDIFF(YEAR, cells.cohort_day, period)
    END AS age,
    last_day,
    COALESCE(period <= last_day, TRUE)
    AND COALESCE(
      period < FROM_UTC_TIMESTAMP(CAST(CAST(:until AS TIMESTAMP) AS TIMESTAMP), CAST(:tz AS STRING)),
      TRUE
    )
    AND COALESCE(
      period + MAKE_YM_INTERVAL(0, CAST(CAST(:period_months AS INT) AS INT)) + MAKE_DT_INTERVAL(CAST(CAST(:period_days AS INT) AS INT)) > FROM_UTC_TIMESTAMP(CAST(CAST(:since AS TIMESTAMP) AS TIMESTAMP), CAST(:tz AS STRING)),
      TRUE
    ) AS is_told
  FROM cells
  INNER JOIN sizes
    ON sizes.is_total = cells.is_total
    AND sizes.grp = cells.grp
    AND sizes.first_discounted IS NOT DISTINCT FROM cells.first_discounted
    AND sizes.is_earlier = cells.is_earlier
    AND sizes.cohort_day IS NOT DISTINCT FROM cells.cohort_day
  INNER JOIN spans
    ON spans.is_total = cells.is_total AND spans.grp = cells.grp
)
SELECT
  is_total,
  grp,
  CAST(first_discounted AS STRING) AS first_discounted,
  CAST(IF(is_earlier, 'earlier', CAST(cohort_day AS STRING)) AS STRING) AS cohort,
  CAST(period AS DATE) AS period,
  CAST(age AS BIGINT) AS age,
  CAST(COALESCE(period = last_day, FALSE) AS BOOLEAN) AS is_current,
  CAST(COALESCE(cohort_day = first_cohort_day, FALSE) AND first_unknown_count > 0 AS BOOLEAN) AS left_censored,
  CAST(first_unknown_count AS BIGINT) AS first_unknown_count,
  CAST(customer_count AS BIGINT) AS customer_count,
  CAST(IF(is_told, active_count, NULL) AS BIGINT) AS active_count,
  CAST(IF(is_told, (
    CAST(active_count AS DOUBLE) / CAST(customer_count AS DOUBLE)
  ), NULL) AS DOUBLE) AS retention,
  CAST(IF(is_told, session_count, NULL) AS BIGINT) AS session_count,
  CAST(IF(is_told, gross_total, NULL) AS DECIMAL(38, 18)) AS gross_total,
  CAST(IF(is_told, total_known_count, NULL) AS BIGINT) AS total_known_count
FROM told
ORDER BY
  is_total NULLS LAST,
  grp NULLS LAST,
  first_discounted NULLS LAST,
  NOT is_earlier NULLS LAST,
  cohort_day NULLS LAST,
  period NULLS LAST
