-- category: the categories of what lies in a session's cart.
-- grain:  one row per session and category; null where a line has none
-- reads:  cart_items

select distinct
    application_id,
    integration_id,
    category as value
from cart_items
