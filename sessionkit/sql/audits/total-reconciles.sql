-- total-reconciles: the total is neither items + session costs, nor that + item costs.
-- grain:  one row per such session, where items and costs can be added up
-- reads:  sessions, discounts, expected_totals
-- note:   the nearer form gives the amount. V1 totals come from the shop, and lists and single
--         sessions do not tell the session's own costs, so there it is good to know, no more.

with labelled as (
    select distinct application_id, integration_id
    from discounts
),

compared as (
    select
        sessions.application_id,
        sessions.integration_id,
        sessions.dialect,
        sessions.total,
        expected_totals.session_cost_count,
        expected_totals.without_item_costs,
        expected_totals.with_item_costs,
        labelled.integration_id is not null                      as is_labelled,
        try(sessions.total - expected_totals.without_item_costs) as off_without,
        try(sessions.total - expected_totals.with_item_costs)    as off_with
    from sessions
    join expected_totals using (application_id, integration_id)
    left join labelled using (application_id, integration_id)
),

judged as (
    select
        *,
        dialect in ('v1_session', 'v1_response', 'csharp_v1')
        or (
            dialect in ('csv_export', 'session_list', 'single_session', 'singer')
            and is_labelled
        ) as sent_by_shop,
        dialect in ('session_list', 'single_session', 'singer')
        and session_cost_count = 0 as costs_untold
    from compared
    where off_without <> 0 and off_with <> 0
)

select
    application_id,
    integration_id,
    'total' as path,
    plain(without_item_costs)
    || case
        when with_item_costs = without_item_costs then ''
        else ', or with item costs ' || plain(with_item_costs)
    end as expected,
    plain(total) as seen,
    case when abs(off_with) < abs(off_without) then off_with else off_without end as amount,
    case
        when sent_by_shop or (costs_untold and off_without > 0) then 'info'
        else 'warning'
    end as severity
from judged
