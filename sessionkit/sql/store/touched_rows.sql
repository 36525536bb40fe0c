-- touched_rows: the rows of a table that a load has put in.
-- grain:  as the table
-- takes:  first and beyond, between which the numbers of the records are
-- reads:  records_alone, resolved, touched_part (sessions that were resolved anew)

select {columns}
from records_alone.{name}
where record >= getvariable('first')
    and record < getvariable('beyond')

union all

select {columns}
from resolved.{name}
semi join touched_part using (application_id, integration_id)
