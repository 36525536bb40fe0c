-- forget_doubts: drops what reading doubted in records that do not count any more.
-- reads:  dropped

delete from kept.findings as told
using dropped
where told.record = dropped.record
    and told.origin = 'reading'
