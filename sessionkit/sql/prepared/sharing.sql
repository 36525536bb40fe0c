-- sharing: which customers share which values.
-- grain:  one row per group, customer and value that several customers share
-- reads:  entered
-- takes:  variable max_sharing
-- note:   customers are numbered from 1 up and shared values from -1 down, so that both are nodes
--         of one graph; the order of the numbers is that of the names.

with pairs as (
    select distinct
        is_total,
        grp,
        kind,
        value,
        profile,
        nameless_profile
    from entered
),

counted as (
    select
        is_total,
        grp,
        kind,
        value,
        count(*) as profile_count
    from pairs
    group by is_total, grp, kind, value
    having count(*) > 1
)

select
    *,
    profile_count <= getvariable('max_sharing')                                    as is_linked,
    dense_rank() over (order by is_total, grp, profile nulls last, nameless_profile) as customer,
    -dense_rank() over (order by is_total, grp, kind, value)                       as shared
from pairs
inner join counted using (is_total, grp, kind, value)
