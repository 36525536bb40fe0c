-- ledger: who has a record.
-- grain:  one row per record of the read
-- note:   `key` is the hash of the session's key, `said` of all that the record says; null where
--         nothing is kept to compare it with.

create temp table ledger (
    record bigint,
    key ubigint,
    said ubigint
)
