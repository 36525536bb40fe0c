-- met: the sessions that this read tells anything of.
-- grain:  one row per session
-- reads:  ledger, fresh (the sessions of records that were rejected in it)

select key
from ledger

union

select hash(application_id, integration_id) as key
from fresh
