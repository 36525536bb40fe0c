-- groups_with_money: groups of an answer, with whose money theirs is, and in which currency.
-- grain:  one row per group
-- reads:  told_groups (the columns by_1, label_2, ... of the groups; and told_application and
--         told_currency, where the group itself tells them)
-- takes:  variables only_application and only_currency (of all amounts, where there is one),
--         currency, currency_applications, currency_codes
-- made from sql/prepared/groups_with_money.sql by `python -m tests.tools.translate`: change that one.

SELECT
  *
  EXCEPT (told_application, told_currency),
  COALESCE(told_application, CAST(CAST(:only_application AS BIGINT) AS BIGINT)) AS application_id,
  COALESCE(
    told_currency,
    TRY_ELEMENT_AT(
      CAST(:currency_codes AS ARRAY<STRING>),
      CAST(NULLIF(
        ARRAY_POSITION(
          CAST(:currency_applications AS ARRAY<BIGINT>),
          COALESCE(told_application, CAST(CAST(:only_application AS BIGINT) AS BIGINT))
        ),
        0
      ) AS INT)
    ),
    CAST(CAST(:currency AS STRING) AS STRING),
    CAST(CAST(:only_currency AS STRING) AS STRING)
  ) AS currency
FROM told_groups
