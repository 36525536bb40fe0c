-- total-after-discounts: the total is items + costs less the discounts, so it was sent after them.
-- grain:  one row per such session, where discounts are known and not 0
-- reads:  unreconciled
-- note:   a total that is right before discounts is no evidence, even where a discount happens to
--         be as large as the costs of the items.

with restored as (
    select
        *,
        try(total + discount_total) as before_discounts
    from unreconciled
    where discount_total <> 0
)

select
    application_id,
    integration_id,
    source_file,
    source_record,
    'total' as path,
    plain(before_discounts) || ', as before discounts' as expected,
    plain(total) as seen,
    total - before_discounts as amount
from restored
where before_discounts in (without_item_costs, with_item_costs)
