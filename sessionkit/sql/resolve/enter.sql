-- enter: enters records into the ledger.
-- reads:  arrived (sessions as staged)

insert into ledger
select
    record,
    hash(application_id, integration_id) as key,
    null                                 as said
from arrived
