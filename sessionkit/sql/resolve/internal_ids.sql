-- internal_ids: Talon.One's own ids of sessions.
-- grain:  one row per record that tells it

create table internal_ids (
    application_id bigint,
    integration_id varchar,
    internal_id bigint
)
