-- facts: every session with what the questions ask of it.
-- grain:  one row per session of the source
-- reads:  named (sessions, with the name of the customer and a currency of their own, and with
--         what witnesses tell: standing, the state by all of them; is_seen_closed, by more than
--         the last version's state; is_seen_unclosed; first_closed_at, last_closed_at; and
--         effect_discount, the discounts of sessions of which only effects tell them)
-- takes:  variables tz, time_basis, guests, net_applications (totals are after discounts),
--         empty_is_none (an empty discount map is no discount), currency, currency_applications,
--         currency_codes; those that say nothing are null
-- note:   UTC needs no calendar to be local time, and is by far the quicker without one.

with known as (
    select
        *,
        effect_discount is not null            as is_told_by_effects,
        coalesce(
            is_told_by_effects or discounts_known,
            if(application_id in getvariable('empty_is_none'), true, null)
        )                                      as knows_discounts,
        coalesce(
            own_currency,
            getvariable('currency_codes')[
                list_position(getvariable('currency_applications'), application_id)
            ],
            getvariable('currency')
        )                                      as currency,
        case getvariable('time_basis')
            when 'created' then created_at
            when 'updated' then updated_at
            when 'closed' then closed_at
            when 'cancelled' then cancelled_at
        end                                    as instant
    from named
),

told as (
    select
        *,
        if(knows_discounts, coalesce(effect_discount, discount_total, 0), null) as known_discount,
        coalesce(regexp_matches(profile, cast(getvariable('guests') as varchar)), false) as is_guest
    from known
)

select
    application_id,
    integration_id,
    store_id,
    cast(currency as varchar)                              as currency,
    state,
    created_at,
    updated_at,
    closed_at,
    first_closed_at,
    last_closed_at,
    times_known or is_seen_unclosed                        as tells_closing,
    instant,
    case
        when getvariable('tz') = 'UTC' then make_timestamp(epoch_us(instant))
        else timezone(getvariable('tz'), instant)
    end                                                    as local_time,
    if(is_guest, null, profile)                            as profile,
    if(profile is null, profile_internal_id, null)         as nameless_profile,
    case
        when is_guest then 'anonymous'
        when profile is null and profile_internal_id is null then 'anonymous'
        when first_session is null then 'unknown'
        when first_session then 'new'
        else 'returning'
    end                                                    as customer_type,
    total is not null                                      as has_total,
    if(application_id in getvariable('net_applications'), total + known_discount, total) as gross,
    items_total,
    line_count,
    unit_count,
    knows_discounts,
    known_discount,
    is_told_by_effects,
    case
        when known_discount = 0 then 'no'
        when known_discount is not null then 'yes'
        else 'unknown'
    end                                                    as discounted,
    if(len(coupon_codes) > 0, 'yes', 'no')                 as has_coupon,
    referral_code,
    standing,
    is_seen_closed,
    standing = 'cancelled' and is_seen_closed              as revoked,
    standing in ('closed', 'partially_returned')
        or (standing = 'cancelled' and is_seen_closed)     as was_completed
from told
