-- read_before: the rejects of files of earlier loads, by the checksums of their bytes.
-- grain:  one row per reject
-- reads:  kept.rejects, kept.loads
-- takes:  load, the number of the load that goes on; sums, the checksums of its files

select
    met.sha256,
    came.source_record,
    came.reject
from kept.rejects as came
join kept.loads as met
    on met.load = came.load
    and met.source_file = came.source_file
where met.load < $load
    and met.status = 'read'
    and list_contains($sums, met.sha256)
