-- sightings: records without an update, whose state is not the current one.
-- grain:  one row per record; of those that say the same, of one
-- reads:  ranked

select
    'undated-sighting' as rule,
    application_id,
    integration_id,
    'state' as path,
    winner_state as expected,
    state as seen,
    source_file,
    source_record,
    record
from ranked
where second is null
    and is_distinct
    and state <> winner_state
