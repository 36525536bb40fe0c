-- sayings: what records said, to the letter, and which of those that are kept says the same.
-- grain:  one row per saying and record
-- note:   `said` is a hash; one that is missing, or of another make, costs a comparison and no more.

create table kept.sayings (
    record bigint not null,
    said ubigint not null
)
