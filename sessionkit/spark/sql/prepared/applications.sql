-- applications: the applications of all sessions, and their currencies where arguments tell them.
-- grain:  one row per application
-- reads:  sessions
-- takes:  variables currency, currency_applications, currency_codes
-- note:   what `selection` says, at less cost, where no session is left out; session_count stands
--         for any number.
-- made from sql/prepared/applications.sql by `python -m tests.tools.translate`: change that one.

WITH applications AS (
  SELECT DISTINCT
    application_id
  FROM sessions
), told AS (
  SELECT
    application_id,
    CAST(COALESCE(
      TRY_ELEMENT_AT(
        CAST(:currency_codes AS ARRAY<STRING>),
        CAST(NULLIF(ARRAY_POSITION(CAST(:currency_applications AS ARRAY<BIGINT>), application_id), 0) AS INT)
      ),
      CAST(:currency AS STRING)
    ) AS STRING) AS currency
  FROM applications
)
SELECT
  application_id,
  currency,
  COALESCE('in ' || currency, 'of application ' || application_id) AS money,
  1 AS session_count
FROM told
ORDER BY
  application_id NULLS LAST
