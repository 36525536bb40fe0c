-- periods: how many records of sessions a load took in, and when these sessions were created.
-- grain:  load, application and dialect

create table kept.periods (
    load bigint not null,
    application_id bigint not null,
    dialect varchar not null,
    record_count bigint not null,
    line_count bigint not null,
    first_created_at timestamptz not null,
    last_created_at timestamptz not null
)
