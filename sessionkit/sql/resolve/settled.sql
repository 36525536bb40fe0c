-- settled: what an empty map of discounts means, once all records of the session are known.
-- grain:  one row per session with several records
-- reads:  completed
-- note:   the CSV export and list pages write {} for a V1 session without discounts and for any
--         V2 session; another record of the session, of either API, tells which it is.

select
    * replace (
        case
            when discounts_known is null and seen_v2 then false
            when discounts_known is null and seen_v1 then true
            else discounts_known
        end as discounts_known,
        case
            when discounts_known is null and not seen_v2 and seen_v1 then 0
            else discount_total
        end as discount_total
    )
from completed
