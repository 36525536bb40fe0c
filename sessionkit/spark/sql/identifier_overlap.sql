-- identifier_overlap: customers that share identifiers, coupons or referrals.
-- grain:  one row per group (the columns by_1, by_2, ... of units) and component of customers that
--         are linked by shared values; then one per value that too many share to link them
-- reads:  units (one row per session and group), entered, sharing, components
-- takes:  variables kinds, is_hidden, salt
-- made from sql/identifier_overlap.sql by `python -m tests.tools.translate`: change that one.

WITH sets AS (
  SELECT
    sharing.*,
    COALESCE(root, shared) AS root
  FROM sharing
  LEFT JOIN components
    ON components.node = sharing.shared AND is_linked
), customers AS (
  SELECT DISTINCT
    customer,
    is_total,
    grp,
    profile,
    nameless_profile
  FROM sharing
), per_customer AS (
  SELECT
    customer,
    COUNT(*) AS session_count,
    SUM(gross) AS gross_total,
    SUM(known_discount) AS discount_total,
    COUNT(*) FILTER(WHERE
      knows_discounts) AS discount_known_count,
    COUNT(*) FILTER(WHERE
      knows_discounts IS NULL) AS discount_ambiguous_count,
    COUNT(*) FILTER(WHERE
      NOT knows_discounts) AS discount_unknown_count
  FROM (
    SELECT
      *,
      by_group AS grp
    FROM units
  ) AS own
  INNER JOIN customers
    ON customers.is_total = own.is_total
    AND customers.grp = own.grp
    AND customers.profile IS NOT DISTINCT FROM own.profile
    AND customers.nameless_profile IS NOT DISTINCT FROM own.nameless_profile
  GROUP BY
    customer
), by_customers AS (
  SELECT
    root,
    COUNT(*) AS profile_count,
    CAST(SUM(session_count) AS BIGINT) AS session_count,
    SUM(gross_total) AS gross_total,
    SUM(discount_total) AS discount_total,
    CAST(SUM(discount_known_count) AS BIGINT) AS discount_known_count,
    CAST(SUM(discount_ambiguous_count) AS BIGINT) AS discount_ambiguous_count,
    CAST(SUM(discount_unknown_count) AS BIGINT) AS discount_unknown_count,
    MIN(customer) AS first_customer,
    ARRAY_SORT(
      TRANSFORM(
        COLLECT_LIST(
          STRUCT(
            IF(
              CAST(:is_hidden AS BOOLEAN),
              LEFT(SHA2(CAST(:salt AS STRING) || secret_name, 256), 16),
              name
            ) AS one
          )
        ),
        held -> held.one
      )
    ) AS profiles
  FROM (
    SELECT DISTINCT
      root,
      customer,
      COALESCE(profile, '#' || nameless_profile) AS name,
      COALESCE(':profile:' || profile, ':number:' || nameless_profile) AS secret_name
    FROM sets
  )
  INNER JOIN per_customer
    USING (customer)
  GROUP BY
    root
), by_values AS (
  SELECT
    root,
    is_total,
    grp,
    is_linked,
    COUNT(*) AS identifier_count,
    ARRAY_SORT(
      TRANSFORM(
        COLLECT_LIST(
          STRUCT(
            IF(SIZE(CAST(:kinds AS ARRAY<STRING>)) > 1, kind || ':', '') || IF(
              CAST(:is_hidden AS BOOLEAN),
              LEFT(SHA2(CAST(:salt AS STRING) || ':' || kind || ':' || value, 256), 16),
              value
            ) AS one
          )
        ),
        held -> held.one
      )
    ) AS identifiers
  FROM (
    SELECT DISTINCT
      root,
      is_total,
      grp,
      is_linked,
      kind,
      value
    FROM sets
  )
  GROUP BY
    root,
    is_total,
    grp,
    is_linked
), by_sessions AS (
  SELECT
    root,
    COUNT(*) AS sharing_session_count
  FROM (
    SELECT DISTINCT
      root,
      application_id,
      integration_id
    FROM entered
    INNER JOIN (
      SELECT DISTINCT
        root,
        is_total,
        grp,
        kind,
        value
      FROM sets
    )
      USING (is_total, grp, kind, value)
  )
  GROUP BY
    root
)
SELECT
  is_total,
  grp,
  CAST(IF(
    is_linked,
    ROW_NUMBER() OVER (
      PARTITION BY is_total, grp, is_linked
      ORDER BY profile_count DESC, session_count DESC, first_customer NULLS LAST
    ),
    NULL
  ) AS BIGINT) AS component,
  CAST(is_linked AS BOOLEAN) AS is_linked,
  CAST(profile_count AS BIGINT) AS profile_count,
  CAST(identifier_count AS BIGINT) AS identifier_count,
  CAST(session_count AS BIGINT) AS session_count,
  CAST(sharing_session_count AS BIGINT) AS sharing_session_count,
  CAST(COALESCE(gross_total, 0) AS DECIMAL(38, 18)) AS gross_total,
  CAST(discount_total AS DECIMAL(38, 18)) AS discount_total,
  CAST(discount_known_count AS BIGINT) AS discount_known_count,
  CAST(discount_ambiguous_count AS BIGINT) AS discount_ambiguous_count,
  CAST(discount_unknown_count AS BIGINT) AS discount_unknown_count,
  CAST(profiles AS ARRAY<STRING>) AS profiles,
  CAST(identifiers AS ARRAY<STRING>) AS identifiers
FROM by_customers
INNER JOIN by_values
  USING (root)
INNER JOIN by_sessions
  USING (root)
ORDER BY
  is_total NULLS LAST,
  grp NULLS LAST,
  is_linked DESC,
  component NULLS LAST,
  profile_count DESC,
  session_count DESC,
  root DESC
