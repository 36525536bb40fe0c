-- effect_ids: the internal ids of sessions to which exports of effects gave several.
-- grain:  one row per session and id

create table kept.effect_ids (
    application_id bigint not null,
    integration_id varchar not null,
    internal_id bigint not null
)
