-- told_discounts: the discounts of sessions by their names: of their maps, and of those whose
--         discounts only effects tell, of these.
-- grain:  one row per session and label
-- reads:  discounts, counted_effects, evaluated

select
    application_id,
    integration_id,
    label,
    value
from discounts
union all
select
    application_id,
    integration_id,
    label,
    sum(amount) as value
from counted_effects
semi join (select * from evaluated where tells_discounts) as told
    using (application_id, integration_id)
where amount is not null
group by application_id, integration_id, label
