-- forget_seen: drops the loads that held sessions as open before, where this one does too.
-- reads:  seen_open

delete from kept.last_seen as seen
using seen_open as now
where seen.application_id = now.application_id
    and seen.integration_id = now.integration_id
