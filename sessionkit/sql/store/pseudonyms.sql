-- pseudonyms: whether what is personal was replaced, and by which key, as loads had it.
-- grain:  load from which on it was so
-- note:   `key_check` tells keys apart, and nothing of the key; null where nothing is replaced.

create table kept.pseudonyms (
    load bigint not null,
    key_check varchar,
    attributes varchar[] not null
)
