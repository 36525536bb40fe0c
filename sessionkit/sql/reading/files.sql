-- files: every file met, and what became of its records.
-- grain:  one row per file, by name
-- reads:  loads

select
    source_file,
    status,
    message,
    bytes,
    dialects,
    records,
    sessions,
    repeats,
    older,
    effects,
    rejects
from loads
order by source_file
