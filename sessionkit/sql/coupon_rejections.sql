-- coupon_rejections: why coupons were rejected, and how those sessions ended.
-- grain:  one row per group (the columns by_1, by_2, ... of units) and reason
-- reads:  code_figures (the same, without the rejections themselves), units (one row per session
--         and group), rejected_coupons (one row per session, code and reason)

with rejections as (
    select
        is_total,
        row(*columns('^by_'))                          as grp,
        if(is_total, null, rejected_coupons.reason)    as reason,
        count(*)                                       as rejection_count,
        count(distinct rejected_coupons.code)          as code_count
    from units
    inner join rejected_coupons using (application_id, integration_id)
    group by all
)

select
    figures.is_total,
    figures.grp,
    figures.name                                       as rejection_reason,
    coalesce(rejections.rejection_count, 0)            as rejection_count,
    figures.session_count,
    coalesce(rejections.code_count, 0)                 as code_count,
    figures.customer_count,
    figures.kept_whole,
    figures.partially_returned,
    figures.revoked,
    figures.cancelled_open,
    figures.cancelled_unknown,
    figures.idle,
    figures.in_progress,
    figures.kept_whole + figures.partially_returned + figures.revoked as closed_count,
    closed_count / nullif(figures.session_count, 0)    as closed_share,
    figures.gross_total,
    figures.total_known_count
from code_figures as figures
left join rejections
    on rejections.is_total = figures.is_total
        and rejections.grp = figures.grp
        and rejections.reason is not distinct from figures.name
order by figures.is_total, figures.grp, figures.name nulls last
