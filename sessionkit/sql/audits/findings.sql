-- findings: all doubts, with the grade of their rule and the record that each was found in.
-- grain:  one row per doubt
-- reads:  doubts (the union of what the files of the rules give), rules, sessions

select
    rules.rule,
    coalesce(doubts.severity, rules.severity)   as severity,
    doubts.application_id,
    doubts.integration_id,
    doubts.path,
    doubts.expected,
    doubts.seen,
    cast(doubts.amount as decimal(38, 18))      as amount,
    cast(1 as bigint)                           as count,
    sessions.source_file,
    sessions.source_record
from doubts
join rules using (place)
join sessions using (application_id, integration_id)
order by
    place,
    doubts.application_id,
    doubts.integration_id,
    -- the shorter path first, so that line 2 stands before line 10
    length(doubts.path),
    doubts.path
