-- discount_rows: every known discount: the rows of the map, or else the single total.
-- grain:  one row per session and label; label is null where only the sum is known
-- reads:  facts, discounts

select
    discounts.application_id,
    discounts.integration_id,
    label,
    regexp_replace(label, '([^\s\p{Z}])#[0-9]+$', '\1') as base_label,
    value
from discounts
semi join facts
    on facts.application_id = discounts.application_id
        and facts.integration_id = discounts.integration_id
        and facts.knows_discounts
union all
select
    application_id,
    integration_id,
    cast(null as varchar) as label,
    cast(null as varchar) as base_label,
    known_discount        as value
from facts
anti join discounts using (application_id, integration_id)
where known_discount <> 0
