-- touched_rows: the rows of a table that a load has put in.
-- grain:  as the table
-- takes:  first and beyond, between which the numbers of the records are; part, one of so many
--         parts that the sessions resolved anew are in
-- reads:  records_alone, resolved, touched (the sessions that were resolved anew)

select {columns}
from records_alone.{name}
where record >= getvariable('first')
    and record < getvariable('beyond')

union all

select {columns}
from resolved.{name}
semi join (
    select
        application_id,
        integration_id
    from touched
    where hash(application_id, integration_id) % getvariable('parts') = getvariable('part')
) using (application_id, integration_id)
