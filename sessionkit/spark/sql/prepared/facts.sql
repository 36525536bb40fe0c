-- facts: every session with what the questions ask of it.
-- grain:  one row per session of the source
-- reads:  named (sessions, with the name of the customer and a currency of their own, and with
--         what witnesses tell: standing, the state by all of them; is_seen_closed, by more than
--         the last version's state; is_seen_unclosed; first_closed_at, last_closed_at; and
--         effect_discount, the discounts of sessions of which only effects tell them)
-- takes:  variables tz, time_basis, guests, net_applications (totals are after discounts),
--         empty_is_none (an empty discount map is no discount), currency, currency_applications,
--         currency_codes; those that say nothing are null
-- note:   UTC needs no calendar to be local time, and is by far the quicker without one.
-- made from sql/prepared/facts.sql by `python -m tests.tools.translate`: change that one.

WITH known AS (
  SELECT
    *,
    NOT effect_discount IS NULL AS is_told_by_effects,
    COALESCE(
      is_told_by_effects OR discounts_known,
      IF(ARRAY_CONTAINS(CAST(:empty_is_none AS ARRAY<BIGINT>), application_id), TRUE, NULL)
    ) AS knows_discounts,
    COALESCE(
      own_currency,
      TRY_ELEMENT_AT(
        CAST(:currency_codes AS ARRAY<STRING>),
        CAST(NULLIF(ARRAY_POSITION(CAST(:currency_applications AS ARRAY<BIGINT>), application_id), 0) AS INT)
      ),
      CAST(:currency AS STRING)
    ) AS currency,
    CASE CAST(:time_basis AS STRING)
      WHEN 'created'
      THEN created_at
      WHEN 'updated'
      THEN updated_at
      WHEN 'closed'
      THEN closed_at
      WHEN 'cancelled'
      THEN cancelled_at
    END AS instant
  FROM named
), told AS (
  SELECT
    *,
    IF(knows_discounts, COALESCE(effect_discount, discount_total, 0), NULL) AS known_discount,
    COALESCE(
      IF(
        CAST(CAST(:guests AS STRING) AS STRING) IS NULL,
        NULL,
        MATCHES_PATTERN(profile, CAST(CAST(:guests AS STRING) AS STRING))
      ),
      FALSE
    ) AS is_guest
  FROM known
)
SELECT
  application_id,
  integration_id,
  store_id,
  CAST(currency AS STRING) AS currency,
  state,
  created_at,
  updated_at,
  closed_at,
  first_closed_at,
  last_closed_at,
  times_known OR is_seen_unclosed AS tells_closing,
  instant,
  CASE
    WHEN CAST(:tz AS STRING) = 'UTC'
    THEN TIMESTAMP_MICROS(UNIX_MICROS(instant))
    ELSE FROM_UTC_TIMESTAMP(instant, CAST(:tz AS STRING))
  END AS local_time,
  IF(is_guest, NULL, profile) AS profile,
  IF(profile IS NULL, profile_internal_id, NULL) AS nameless_profile,
  CASE
    WHEN is_guest
    THEN 'anonymous'
    WHEN profile IS NULL AND profile_internal_id IS NULL
    THEN 'anonymous'
    WHEN first_session IS NULL
    THEN 'unknown'
    WHEN first_session
    THEN 'new'
    ELSE 'returning'
  END AS customer_type,
  NOT total IS NULL AS has_total,
  IF(
    ARRAY_CONTAINS(CAST(:net_applications AS ARRAY<BIGINT>), application_id),
    total + known_discount,
    total
  ) AS gross,
  items_total,
  line_count,
  unit_count,
  knows_discounts,
  known_discount,
  is_told_by_effects,
  CASE
    WHEN known_discount = 0
    THEN 'no'
    WHEN NOT known_discount IS NULL
    THEN 'yes'
    ELSE 'unknown'
  END AS discounted,
  IF(SIZE(coupon_codes) > 0, 'yes', 'no') AS has_coupon,
  referral_code,
  standing,
  is_seen_closed,
  standing = 'cancelled' AND is_seen_closed AS revoked,
  standing IN ('closed', 'partially_returned')
  OR (
    standing = 'cancelled' AND is_seen_closed
  ) AS was_completed
FROM told
