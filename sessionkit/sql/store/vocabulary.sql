-- vocabulary: the words that loads brought, by which drift shows.
-- grain:  what, application, dialect, name, type and load
-- note:   `what` is `member` (a key of records that holds something, by dialect; the application
--         is null where the model does not know the key), `attribute` (`type` is its kind), `state`,
--         `label` or `coupon`. Base labels and codes stand there with the load that brought them
--         first, the others with each.

create table kept.vocabulary (
    load bigint not null,
    what varchar not null,
    application_id bigint,
    dialect varchar,
    name varchar not null,
    type varchar,
    count bigint not null
)
