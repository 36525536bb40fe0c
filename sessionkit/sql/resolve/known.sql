-- known: sessions of the read that were there before.
-- grain:  one row per session and batch

create temp table known (
    application_id bigint,
    integration_id varchar
)
