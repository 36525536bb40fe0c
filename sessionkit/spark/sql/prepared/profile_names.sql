-- profile_names: the customer's integration id for sessions that tell only Talon.One's number.
-- grain:  one row per internal id of a profile, for those that need it
-- reads:  sessions
-- made from sql/prepared/profile_names.sql by `python -m tests.tools.translate`: change that one.

WITH nameless AS (
  SELECT DISTINCT
    profile_internal_id
  FROM sessions
  WHERE
    profile_id IS NULL AND NOT profile_internal_id IS NULL
)
SELECT
  profile_internal_id,
  MIN(profile_id) AS known_profile_id
FROM sessions
WHERE
  NOT profile_id IS NULL
  AND profile_internal_id IN (
    SELECT
      profile_internal_id
    FROM nameless
  )
GROUP BY
  profile_internal_id
