-- groups_with_money: groups of an answer, with whose money theirs is, and in which currency.
-- grain:  one row per group
-- reads:  told_groups (the columns by_1, label_2, ... of the groups; and told_application and
--         told_currency, where the group itself tells them)
-- takes:  variables only_application and only_currency (of all amounts, where there is one),
--         currency, currency_applications, currency_codes

select
    * exclude (told_application, told_currency),
    coalesce(told_application, cast(getvariable('only_application') as bigint)) as application_id,
    coalesce(
        told_currency,
        getvariable('currency_codes')[
            list_position(
                getvariable('currency_applications'),
                coalesce(told_application, cast(getvariable('only_application') as bigint))
            )
        ],
        cast(getvariable('currency') as varchar),
        cast(getvariable('only_currency') as varchar)
    )                                                                           as currency
from told_groups
