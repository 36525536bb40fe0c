-- referral_fates: which referral codes were accepted or rejected in a session.
-- grain:  one row per session whose last evaluation is known
-- reads:  evaluated, counted_effects

select
    evaluated.application_id,
    evaluated.integration_id,
    coalesce(
        list(referral_code) filter (
            effect_type in ('acceptReferral', 'redeemReferral') and not is_undone
        ),
        []
    )                                                                as accepted_codes,
    coalesce(list(referral_code) filter (effect_type = 'rejectReferral'), []) as rejected_codes
from evaluated
left join counted_effects using (application_id, integration_id)
group by evaluated.application_id, evaluated.integration_id
