-- add_doubts: puts in what reading doubted, and what is in doubt where several records contend.
-- reads:  arrived

insert into kept.findings by name
select
    *,
    if(
        rule in ('duplicate-conflict', 'undated-sighting', 'newer-record-rejected'),
        'resolving',
        'reading'
    ) as origin
from arrived
