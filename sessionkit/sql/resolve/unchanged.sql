-- unchanged: the records of sessions of which the read says nothing new.
-- grain:  one row per record
-- reads:  ledger, known, fresh (the sessions of records that were rejected in the read)

create temp table unchanged as
with twins as (
    select
        ledger.record,
        ledger.key,
        min(known.record)          as survivor,
        bool_or(known.is_current)  as is_current
    from ledger
    left join known
        on known.key = ledger.key
            and known.said = ledger.said
    where ledger.key in (select key from known)
    group by ledger.record, ledger.key
)

select
    record,
    key,
    survivor,
    is_current
from twins
anti join (select hash(application_id, integration_id) as key from fresh) as doubted
    using (key)
qualify bool_and(survivor is not null) over (partition by key)
