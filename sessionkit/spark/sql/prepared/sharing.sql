-- sharing: which customers share which values.
-- grain:  one row per group, customer and value that several customers share
-- reads:  entered
-- takes:  variable max_sharing
-- note:   customers are numbered from 1 up and shared values from -1 down, so that both are nodes
--         of one graph; the order of the numbers is that of the names.
-- made from sql/prepared/sharing.sql by `python -m tests.tools.translate`: change that one.

WITH pairs AS (
  SELECT DISTINCT
    is_total,
    grp,
    kind,
    value,
    profile,
    nameless_profile
  FROM entered
), counted AS (
  SELECT
    is_total,
    grp,
    kind,
    value,
    COUNT(*) AS profile_count
  FROM pairs
  GROUP BY
    is_total,
    grp,
    kind,
    value
  HAVING
    COUNT(*) > 1
)
SELECT
  *,
  profile_count <= CAST(:max_sharing AS BIGINT) AS is_linked,
  DENSE_RANK() OVER (
    ORDER BY is_total NULLS LAST, grp NULLS LAST, profile NULLS LAST, nameless_profile NULLS LAST
  ) AS customer,
  -DENSE_RANK() OVER (ORDER BY is_total NULLS LAST, grp NULLS LAST, kind NULLS LAST, value NULLS LAST) AS shared
FROM pairs
INNER JOIN counted
  USING (is_total, grp, kind, value)
