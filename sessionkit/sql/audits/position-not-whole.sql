-- position-not-whole: a line whose position, by the API, is no whole number.
-- grain:  one row per such line
-- reads:  cart_items
-- note:   most positions are the line's own, which is quicker to see than that they are whole.

select
    application_id,
    integration_id,
    line_path(line) || 'position' as path,
    'a whole number' as expected,
    plain(position) as seen,
    null as amount
from cart_items
where position <> line and position <> trunc(position)
