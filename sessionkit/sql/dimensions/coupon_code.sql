-- coupon_code: the coupon codes entered in a session.
-- grain:  one row per session and code
-- reads:  coupons

select
    application_id,
    integration_id,
    code as value
from coupons
