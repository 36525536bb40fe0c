-- open_rejects: rejected records that wait to be mended, with how their files were read.
-- grain:  one row per open reject, in the order in which they came
-- reads:  kept.rejects, kept.loads

select
    came.reject,
    came.dialect,
    came.raw,
    came.header,
    came.reasons[1].code as code,
    met.dialects,
    met.reading
from kept.rejects as came
left join kept.loads as met
    on met.load = came.load
    and met.source_file = came.source_file
where came.replaced_by is null
    and came.resolved_by is null
order by came.reject
