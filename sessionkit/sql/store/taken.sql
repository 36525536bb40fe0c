-- taken: records that were taken out of the store to be put in anew.
-- grain:  one row per record

create or replace temp table taken (record bigint)
