-- returned-exceeds-quantity: a line of which more was returned than was bought.
-- grain:  one row per such line
-- reads:  cart_items

select
    application_id,
    integration_id,
    line_path(line) || 'returnedQuantity' as path,
    'at most ' || quantity as expected,
    cast(returned_quantity as varchar) as seen,
    cast(returned_quantity as hugeint) - quantity as amount
from cart_items
where returned_quantity > quantity
