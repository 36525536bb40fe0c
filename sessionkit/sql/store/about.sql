-- about: what the store is, and what comes next in it.
-- grain:  one row

create table kept.about (
    schema_version integer not null,
    store varchar not null,
    made_by varchar not null,
    next_record bigint not null,
    next_reject bigint not null,
    next_load bigint not null
)
