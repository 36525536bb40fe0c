-- touched_part: some of the sessions that were resolved anew.
-- grain:  one row per session
-- takes:  part, which one of so many parts
-- reads:  touched

create or replace temp table touched_part as
select
    application_id,
    integration_id
from touched
where hash(application_id, integration_id) % getvariable('parts') = getvariable('part')
