-- findings: what is odd in what was taken in, with the first places of each rule.
-- grain:  one row per rule and severity, the gravest first
-- reads:  findings
-- note:   session_count is 0 where a rule speaks of files.

with placed as (
    select
        *,
        row_number() over (
            partition by rule, severity
            order by
                application_id, integration_id, path, seen, expected, source_file, source_record
        ) as place
    from findings
)

select
    rule,
    severity,
    cast(sum(count) as bigint)                   as finding_count,
    count(distinct (application_id, integration_id))
        filter (integration_id is not null)      as session_count,
    list(
        struct_pack(
            source_file, source_record, application_id, integration_id,
            path, expected, found := seen
        )
        order by place
    ) filter (place <= 3)                        as examples
from placed
group by rule, severity
order by
    case severity when 'error' then 1 when 'warning' then 2 else 3 end,
    rule
