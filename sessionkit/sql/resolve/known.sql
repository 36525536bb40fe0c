-- known: the records that are kept of sessions of the read.
-- grain:  one row per kept record and saying, or one without a saying
-- note:   `is_current` is true of records of the current version.

create temp table known (
    key ubigint,
    application_id bigint,
    integration_id varchar,
    record bigint,
    said ubigint,
    is_current boolean
)
