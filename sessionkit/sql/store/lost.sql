-- lost: files of which not every record is accounted for.
-- grain:  one row per file
-- reads:  kept.loads
-- takes:  load

select source_file
from kept.loads
where load = $load
    and records <> sessions + repeats + older + effects + rejects
