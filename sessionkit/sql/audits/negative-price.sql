-- negative-price: a price below zero, of a line, of one of its price types, or of a cost.
-- grain:  one row per such price
-- reads:  cart_items, item_prices, additional_costs

with prices as (
    select
        application_id,
        integration_id,
        line_path(line) || 'price' as path,
        price
    from cart_items
    union all
    select
        application_id,
        integration_id,
        entry(line_path(line) || 'prices', price_type) || '.price' as path,
        price
    from item_prices
    union all
    select
        application_id,
        integration_id,
        entry(line_path(line) || 'additionalCosts', name) || '.price' as path,
        price
    from additional_costs
)

select
    application_id,
    integration_id,
    path,
    'at least 0' as expected,
    plain(price) as seen,
    price as amount
from prices
where price < 0
