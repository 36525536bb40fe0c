-- drop_rejects: takes out rejects that say nothing new.
-- reads:  arrived (their numbers)

delete from kept.rejects as came
using arrived
where came.reject = arrived.reject
