-- entered_codes: which referral codes were entered in which sessions.
-- grain:  one row per session that has a referral code, and group
-- reads:  ends (one row per session and group), referral_fates (one row per session of which
--         something tells what became of its code)
-- note:   accepted and rejected are null where nothing tells what became of the code.

select
    ends.*,
    if(is_total, null, referral_code)            as name,
    list_contains(accepted_codes, referral_code) as accepted,
    list_contains(rejected_codes, referral_code) as rejected
from ends
left join referral_fates using (application_id, integration_id)
where referral_code is not null
