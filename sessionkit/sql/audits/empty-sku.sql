-- empty-sku: a line of the cart whose sku is an empty text.
-- grain:  one row per such line
-- reads:  cart_items

select
    application_id,
    integration_id,
    line_path(line) || 'sku' as path,
    'a stock keeping unit' as expected,
    'an empty text' as seen,
    null as amount
from cart_items
where sku = ''
