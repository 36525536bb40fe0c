-- move_sayings: gives what records said to those that are kept in their place.
-- reads:  dropped (records, and which says the same), kept.sayings

update kept.sayings as told
set record = dropped.survivor
from dropped
where told.record = dropped.record
    and dropped.survivor is not null
