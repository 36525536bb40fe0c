-- ledger: who has a record.
-- grain:  one row per record of the read

create temp table ledger (
    record bigint,
    application_id bigint,
    integration_id varchar,
    source_file varchar
)
