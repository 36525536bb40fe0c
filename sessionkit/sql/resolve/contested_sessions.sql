-- contested_sessions: those that have several records, or a rejected one, or were there before.
-- grain:  one row per session
-- reads:  ledger, known, about (the sessions of rejected records)

create temp table contested_sessions as
select
    application_id,
    integration_id
from ledger
group by all
having count(*) > 1

union

select
    application_id,
    integration_id
from about
where (application_id, integration_id) in (
    select (application_id, integration_id) from ledger
)

union

from known
