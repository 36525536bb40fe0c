-- sku: what lies in a session's cart.
-- grain:  one row per session and sku
-- reads:  cart_items

select distinct
    application_id,
    integration_id,
    sku as value
from cart_items
