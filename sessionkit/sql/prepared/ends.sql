-- ends: sessions in their groups, with how they ended or did not.
-- grain:  one row per session and group
-- reads:  units
-- takes:  variable idle_before (open sessions untouched since then are idle; null: none is)

select
    *,
    case
        when standing = 'closed' then 'kept_whole'
        when standing = 'partially_returned' then 'partially_returned'
        when revoked then 'revoked'
        when standing = 'cancelled' and tells_closing then 'cancelled_open'
        when standing = 'cancelled' then 'cancelled_unknown'
        when coalesce(updated_at, created_at) <= getvariable('idle_before') then 'idle'
        else 'in_progress'
    end as outcome
from units
