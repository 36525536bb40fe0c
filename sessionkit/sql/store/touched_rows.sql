-- touched_rows: the rows of a table that a load has put in.
-- grain:  as the table
-- takes:  first, the number of the first record of the load
-- reads:  records_alone, resolved, touched (the sessions that were resolved anew)

select {columns}
from records_alone.{name}
where record >= getvariable('first')

union all

select {columns}
from resolved.{name}
semi join touched using (application_id, integration_id)
