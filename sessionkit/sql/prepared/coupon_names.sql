-- coupon_names: the coupon codes entered, and under which name each is counted.
-- grain:  one row per session and code
-- reads:  coupons
-- takes:  variable coupon_pattern (null: every code has its own name)
-- note:   a name is what the pattern matches first in a code; where it matches nothing, or an empty
--         text, it is the code itself.

select
    application_id,
    integration_id,
    code,
    coalesce(
        nullif(regexp_extract(code, cast(getvariable('coupon_pattern') as varchar)), ''), code
    ) as name
from coupons
