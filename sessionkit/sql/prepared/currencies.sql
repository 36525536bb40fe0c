-- currencies: the currency of each session, where an attribute holds it.
-- grain:  one row per session
-- reads:  attribute_values
-- takes:  variable currency_attribute

select
    application_id,
    integration_id,
    min(value) as own_currency
from attribute_values
where name = getvariable('currency_attribute')
group by application_id, integration_id
