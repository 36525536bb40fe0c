-- last_seen: the last load that held a session as open.
-- grain:  session that any load held as open

create table kept.last_seen (
    application_id bigint not null,
    integration_id varchar not null,
    load bigint not null
)
