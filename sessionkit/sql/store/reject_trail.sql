-- reject_trail: every record that was ever rejected, and what became of it.
-- grain:  one row per reject, in the order in which they came
-- reads:  kept.rejects

select
    reject,
    case
        when resolved_by is not null then 'resolved'
        when replaced_by is not null then 'replaced'
        else 'open'
    end as status,
    list_distinct(list_transform(reasons, lambda reason: reason.code)) as codes,
    load,
    source_file,
    source_record,
    dialect,
    application_id,
    integration_id,
    replaced_by,
    resolved_by,
    resolved_in
from kept.rejects
order by reject
