-- referral_summary: what became of the sessions in which referral codes were entered.
-- grain:  one row per group (the columns by_1, by_2, ... of units) and code
-- reads:  code_figures (the same)

select
    is_total,
    grp,
    name as referral_code,
    session_count,
    customer_count,
    kept_whole,
    partially_returned,
    revoked,
    cancelled_open,
    cancelled_unknown,
    idle,
    in_progress,
    gross_total,
    total_known_count,
    discount_total,
    discount_known_count,
    discount_ambiguous_count,
    discount_unknown_count,
    accepted_count,
    rejected_count
from code_figures
order by is_total, grp, name
