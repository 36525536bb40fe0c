-- contested_sessions: those that have several records, or a rejected one, or were there before.
-- grain:  one row per session
-- reads:  ledger, known, unchanged, about (the sessions of rejected records)

create temp table contested_sessions as
with several as (
    select key
    from ledger
    group by key
    having count(*) > 1

    union

    select hash(application_id, integration_id) as key
    from about
    where hash(application_id, integration_id) in (select key from ledger)

    union

    select key
    from known
)

select key
from several
anti join unchanged using (key)
