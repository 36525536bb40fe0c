-- total-reconciles: the total is neither items + session costs, nor that + item costs.
-- grain:  one row per such session, where items and costs can be added up
-- reads:  unreconciled, discounts
-- note:   the nearer form gives the amount. V1 totals come from the shop, and lists and single
--         sessions do not tell the session's own costs, so there it is good to know, no more.

with compared as (
    select
        *,
        dialect in ('v1_session', 'v1_response', 'csharp_v1')                 as is_v1,
        dialect in ('csv_export', 'session_list', 'single_session', 'singer') as is_either,
        try(total - without_item_costs)                                       as off_without,
        try(total - with_item_costs)                                          as off_with
    from unreconciled
),

-- Only where the API is not known do labels tell; elsewhere they are not even looked up.
labelled as (
    select distinct discounts.application_id, discounts.integration_id
    from discounts
    semi join (from compared where is_either) as told using (application_id, integration_id)
),

judged as (
    select
        compared.*,
        is_v1 or labelled.integration_id is not null as sent_by_shop,
        dialect in ('session_list', 'single_session', 'singer')
        and session_cost_count = 0 as costs_untold
    from compared
    left join labelled using (application_id, integration_id)
    where off_without <> 0 and off_with <> 0
)

select
    application_id,
    integration_id,
    source_file,
    source_record,
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
