-- Purpose: what shoppers wait for, by product, filtered, ordered, a page at a time.
-- Binds:   store, category (null: all), wanted (part of a product's name, id or brand; null: all), by (the
--          column that the order goes by), descending, first (rows to pass over), most (rows; null: all).
-- Grain:   one row a product of a store.
with ranked as materialized (
    -- Only what the order goes by is worked out for all of them, the rest for those of the page.
    select
        store_id,
        product_id,
        case %(by)s::text
            when 'waiting_units' then waiting_units
            when 'waiting_shoppers' then waiting_shoppers
            when 'median_wait_days' then median_wait_days
            when 'revenue_at_stake' then revenue_at_stake
            when 'expired_units' then expired_units
            when 'available_quantity' then available_quantity
        end as figure,
        case when %(by)s::text = 'product_name' then lower(coalesce(product_name, product_id)) end as word
    from mart.product_demand
    where
        (%(store)s::text is null or store_id = %(store)s)
        and (%(category)s::text is null or category = %(category)s)
        and (
            %(wanted)s::text is null
            or strpos(lower(concat_ws(chr(1), product_name, product_id, brand)), lower(%(wanted)s)) > 0
        )
),

page as materialized (
    select
        *,
        row_number() over (
            order by
                case when %(descending)s then figure end desc nulls last,
                case when not %(descending)s then figure end asc nulls last,
                case when %(descending)s then word end desc nulls last,
                case when not %(descending)s then word end asc nulls last,
                store_id asc,
                product_id asc
        ) as number
    from ranked
    order by number
    limit %(most)s offset %(first)s
)

select
    d.store_id,
    d.product_id,
    d.product_name,
    d.category,
    d.brand,
    d.price,
    d.currency,
    d.waiting_requests,
    d.waiting_shoppers,
    d.waiting_units,
    d.oldest_requested_at,
    d.median_wait_days,
    d.expired_requests,
    d.expired_units,
    d.revenue_at_stake,
    d.revenue_low,
    d.revenue_high,
    d.available_quantity
from page as p
inner join mart.product_demand as d on p.store_id = d.store_id and p.product_id = d.product_id
order by p.number
