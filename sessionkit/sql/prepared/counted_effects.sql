-- counted_effects: the effects that count: those of the last evaluation of each session, less what
--         was rolled back later.
-- grain:  one row per effect; rollbacks themselves have none
-- reads:  effect_turns, evaluated
-- note:   a rollback belongs to the discounts of the same campaign, name, position and sub position,
--         to the first of several; or to the coupon, or the referral, of that code. value is what
--         is left of a discount, granted_value what it was, and amount what it is to the session:
--         what it was where the whole session was cancelled, as a discount map tells it then.

with chosen as (
    select
        effect_turns.*,
        evaluated.is_taken_back
    from effect_turns
    inner join evaluated using (application_id, integration_id, is_response, turn)
    where not is_rollback
),

rollbacks as (
    select effect_turns.*
    from effect_turns
    inner join evaluated using (application_id, integration_id)
    where effect_turns.is_rollback
        and case
            when effect_turns.is_response = evaluated.is_response
                then effect_turns.turn > evaluated.turn
                    and coalesce(effect_turns.turn <= evaluated.last_turn, true)
            else evaluated.is_response and effect_turns.second > evaluated.response_second
        end
),

discounts_back as (
    select
        application_id,
        integration_id,
        campaign_id,
        label,
        position,
        sub_position,
        sum(value) as back
    from rollbacks
    where effect_type = 'rollbackDiscount'
    group by all
),

codes_back as (
    select distinct
        application_id,
        integration_id,
        if(effect_type = 'rollbackCoupon', 'coupon', 'referral') as kind,
        coalesce(coupon_code, referral_code)                     as code
    from rollbacks
    where effect_type in ('rollbackCoupon', 'rollbackReferral')
),

placed as (
    select
        *,
        greatest(value, 0)                                           as most,
        case
            when effect_type = 'acceptCoupon' then 'coupon'
            when effect_type in ('acceptReferral', 'redeemReferral') then 'referral'
        end                                                          as kind,
        coalesce(coupon_code, referral_code)                         as code,
        coalesce(
            sum(greatest(value, 0)) over (
                partition by
                    application_id, integration_id, campaign_id, label, position, sub_position
                order by place
                rows between unbounded preceding and 1 preceding
            ),
            0
        )                                                            as before
    from chosen
),

reduced as (
    select
        placed.*,
        coalesce(least(greatest(discounts_back.back - before, 0), most), 0) as undone_value,
        codes_back.code is not null                                         as is_code_back
    from placed
    left join discounts_back
        on discounts_back.application_id = placed.application_id
            and discounts_back.integration_id = placed.integration_id
            and discounts_back.campaign_id is not distinct from placed.campaign_id
            and discounts_back.label is not distinct from placed.label
            and discounts_back.position is not distinct from placed.position
            and discounts_back.sub_position is not distinct from placed.sub_position
    left join codes_back
        on codes_back.application_id = placed.application_id
            and codes_back.integration_id = placed.integration_id
            and codes_back.kind = placed.kind
            and codes_back.code = placed.code
)

select
    application_id,
    integration_id,
    campaign_id,
    effect_type,
    label,
    coupon_code,
    referral_code,
    value - undone_value                                 as value,
    value                                                as granted_value,
    if(is_taken_back, value, value - undone_value)       as amount,
    desired_value,
    starts_with(effect_type, 'setDiscount')
        and not contains(effect_type, 'AdditionalCost')
        and scope is distinct from 'additionalCosts'     as is_of_items,
    is_code_back or (most > 0 and undone_value = most)   as is_undone,
    not is_undone
        and not starts_with(lower(effect_type), 'reject')
        and lower(effect_type) not in ('triggerwebhook', 'shownotification', 'error')
                                                         as is_applied
from reduced
