-- forget_doubts: drops what reading doubted in records that do not count any more.
-- reads:  arrived (their numbers)

delete from kept.findings as told
using arrived
where told.record = arrived.record
    and told.origin = 'reading'
