-- missing-price: a line of the cart that tells no price.
-- grain:  one row per such line
-- reads:  cart_items

select
    application_id,
    integration_id,
    line_path(line) || 'price' as path,
    'an amount' as expected,
    'nothing' as seen,
    null as amount
from cart_items
where price is null
