-- fates: what became of the records of this read.
-- grain:  one row per file and fate; `changed` is a session that was known in another version
-- reads:  ranked

select
    source_file,
    case
        when fate = 'session' and is_as_before then 'repeat'
        when fate = 'session' and was_there then 'changed'
        else fate
    end as told_fate,
    count(*) as records
from ranked
where is_new
group by all
