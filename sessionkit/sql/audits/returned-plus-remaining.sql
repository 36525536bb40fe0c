-- returned-plus-remaining: a line whose returned and remaining units are not, together, its units.
-- grain:  one row per such line, where both are told
-- reads:  cart_items

with summed as (
    select
        *,
        cast(returned_quantity as hugeint) + remaining_quantity as together
    from cart_items
)

select
    application_id,
    integration_id,
    line_path(line) || 'remainingQuantity' as path,
    'returned + remaining = ' || quantity as expected,
    returned_quantity || ' + ' || remaining_quantity || ' = ' || together as seen,
    together - quantity as amount
from summed
where together <> quantity
