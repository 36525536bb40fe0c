-- touched_snapshots: the versions of the sessions that a load has put in.
-- grain:  as snapshots
-- reads:  kept.snapshots, temp.sessions (the sessions that were put in)

select {columns}
from kept.snapshots
semi join temp.sessions using (application_id, integration_id)
