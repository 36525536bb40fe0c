-- unreconciled: sessions whose total is neither items + session costs nor that + item costs.
-- grain:  one row per such session, where items and costs can be added up
-- reads:  sessions, additional_costs
-- note:   API V2 has counted the costs of items since 2026-05, so both forms are right. Costs are
--         summed in two parts, whole and fraction, as a sum past 38 digits would be an error; what
--         is past 38 digits in the end is null, and gives no row.

with parts as (
    select
        application_id,
        integration_id,
        count(*) filter (where line is null)                      as session_cost_count,
        sum(trunc(price)) filter (where line is null)             as session_whole,
        sum(price - trunc(price)) filter (where line is null)     as session_fraction,
        sum(trunc(price)) filter (where line is not null)         as item_whole,
        sum(price - trunc(price)) filter (where line is not null) as item_fraction
    from additional_costs
    group by application_id, integration_id
),

costs as (
    select
        application_id,
        integration_id,
        session_cost_count,
        try(cast(coalesce(session_whole, 0) as decimal(38, 18)) + coalesce(session_fraction, 0))
            as session_costs,
        try(cast(coalesce(item_whole, 0) as decimal(38, 18)) + coalesce(item_fraction, 0))
            as item_costs
    from parts
),

expected as (
    select
        sessions.application_id,
        sessions.integration_id,
        sessions.source_file,
        sessions.source_record,
        sessions.dialect,
        sessions.total,
        sessions.discount_total,
        coalesce(costs.session_cost_count, 0) as session_cost_count,
        case
            when costs.integration_id is null then sessions.items_total
            else try(sessions.items_total + costs.session_costs)
        end as without_item_costs,
        case
            when costs.integration_id is null then sessions.items_total
            else try(sessions.items_total + costs.session_costs + costs.item_costs)
        end as with_item_costs
    from sessions
    left join costs using (application_id, integration_id)
)

select *
from expected
where total <> without_item_costs and total <> with_item_costs
