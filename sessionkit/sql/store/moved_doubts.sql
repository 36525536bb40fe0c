-- moved_doubts: what reading doubted in records that are kept no more, as another says the same.
-- grain:  one row per doubt, by the record that is kept
-- reads:  kept.findings, dropped

create or replace temp table moved_doubts as
select told.* replace (dropped.survivor as record)
from kept.findings as told
join dropped
    on dropped.record = told.record
where told.origin = 'reading'
    and not dropped.is_older
