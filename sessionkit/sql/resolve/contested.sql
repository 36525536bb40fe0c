-- contested: the records of contested sessions.
-- grain:  one row per record of the read
-- reads:  ledger, contested_sessions

create temp table contested as
select record
from ledger
semi join contested_sessions using (key)
