-- coupon_summary: what became of the sessions in which coupon codes were entered.
-- grain:  one row per group (the columns by_1, by_2, ... of units) and code, or name that a pattern
--         gave several codes
-- reads:  code_figures (the same, without the number of codes), units (one row per session and
--         group), coupon_names (one row per session and code)

with codes as (
    select
        is_total,
        row(*columns('^by_'))                                       as grp,
        if(is_total, null, coupon_names.name)                       as name,
        count(distinct coupon_names.code)                           as code_count
    from units
    inner join coupon_names using (application_id, integration_id)
    group by all
)

select
    figures.is_total,
    figures.grp,
    figures.name                     as coupon_code,
    figures.session_count,
    coalesce(codes.code_count, 0)    as code_count,
    figures.customer_count,
    figures.kept_whole,
    figures.partially_returned,
    figures.revoked,
    figures.cancelled_open,
    figures.cancelled_unknown,
    figures.idle,
    figures.in_progress,
    figures.gross_total,
    figures.total_known_count,
    figures.discount_total,
    figures.discount_known_count,
    figures.discount_ambiguous_count,
    figures.discount_unknown_count,
    figures.accepted_count,
    figures.rejected_count
from code_figures as figures
left join codes
    on codes.is_total = figures.is_total
        and codes.grp = figures.grp
        and codes.name is not distinct from figures.name
order by figures.is_total, figures.grp, figures.name
