-- findings: all doubts, with their grade and the record that each was found in.
-- grain:  one row per doubt
-- reads:  doubts (the union of what the files of the rules give)

select
    rule,
    coalesce(severity, rule_severity) as severity,
    application_id,
    integration_id,
    path,
    expected,
    seen,
    cast(amount as decimal(38, 18))   as amount,
    cast(1 as bigint)                 as count,
    source_file,
    source_record
from doubts
order by
    place,
    application_id,
    integration_id,
    -- the shorter path first, so that line 2 stands before line 10
    length(path),
    path
