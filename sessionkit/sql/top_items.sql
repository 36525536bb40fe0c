-- top_items: what was bought most, by sku, category or product.
-- grain:  one row per group (the columns by_1, by_2, ... of units) and item, the most bought first
-- reads:  units (one row per session and group), cart_items
-- takes:  variables item_of (sku, category, product), rank_by (money, units), item_limit (null:
--         all)
-- note:   lines are summed to session and item before they meet the groups.

with lines as (
    select
        application_id,
        integration_id,
        case getvariable('item_of')
            when 'sku' then sku
            when 'category' then category
            when 'product' then product_name
        end as item,
        quantity,
        price,
        returned_quantity
    from cart_items
),

in_carts as (
    select
        application_id,
        integration_id,
        item,
        sum(price * quantity)                                   as items_total,
        sum(quantity)                                           as unit_count,
        count(*)                                                as line_count,
        count(*) filter (price is null)                         as unpriced_line_count,
        sum(returned_quantity)                                  as returned_unit_count,
        sum(quantity) filter (returned_quantity is not null)    as returned_known_unit_count,
        sum(price * returned_quantity)                          as returned_total
    from lines
    group by application_id, integration_id, item
),

per_item as (
    select
        is_total,
        columns('^by_'),
        item,
        sum(in_carts.items_total)                                       as items_total,
        cast(sum(in_carts.unit_count) as bigint)                        as unit_count,
        cast(sum(in_carts.line_count) as bigint)                        as line_count,
        cast(sum(unpriced_line_count) as bigint)                        as unpriced_line_count,
        count(*)                                                        as session_count,
        cast(coalesce(sum(returned_unit_count), 0) as bigint)           as returned_unit_count,
        cast(coalesce(sum(returned_known_unit_count), 0) as bigint)     as returned_known_unit_count,
        coalesce(sum(returned_total), 0)                                as returned_total,
        count(*) filter (discounted = 'yes')                            as discounted_count,
        count(*) filter (knows_discounts)                               as discount_known_count,
        count(*) filter (knows_discounts is null)                       as discount_ambiguous_count,
        count(*) filter (not knows_discounts)                           as discount_unknown_count
    from units
    inner join in_carts using (application_id, integration_id)
    group by all
),

placed as (
    select
        *,
        row(*columns('^by_'))                                   as grp,
        row_number() over (
            partition by is_total, grp
            order by
                if(getvariable('rank_by') = 'units', unit_count, null) desc,
                items_total desc nulls last,
                unit_count desc,
                item nulls last
        )                                                       as place,
        count(*) over same_group                                as item_count,
        sum(items_total) over same_group                        as group_items_total
    from per_item
    window same_group as (partition by is_total, grp)
)

select
    is_total,
    grp,
    place,
    item,
    items_total,
    items_total / nullif(group_items_total, 0)                  as share,
    unit_count,
    line_count,
    unpriced_line_count,
    session_count,
    returned_unit_count,
    returned_known_unit_count,
    returned_unit_count / nullif(returned_known_unit_count, 0)  as returned_share,
    returned_total,
    discounted_count,
    discount_known_count,
    discount_ambiguous_count,
    discount_unknown_count,
    if(
        discount_ambiguous_count = 0,
        discounted_count / nullif(discount_known_count, 0),
        null
    )                                                           as discount_penetration,
    item_count
from placed
where coalesce(place <= getvariable('item_limit'), true)
order by is_total, grp, place
