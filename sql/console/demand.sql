-- Purpose: what shoppers wait for, by product, filtered, ordered, a page at a time, with the totals of all pages.
-- Binds:   store, category (null: all), wanted (part of a product's name, id or brand; null: all), by (a column of the
--          page; null: all columns as they come), descending, first (rows to pass over), most.
-- Grain:   one row a product of a store.
with product as (
    select *
    from mart.product_demand
    where
        (%(store)s::text is null or store_id = %(store)s)
        and (%(category)s::text is null or category = %(category)s)
        and (
            %(wanted)s::text is null
            or strpos(lower(concat_ws(chr(1), product_name, product_id, brand)), lower(%(wanted)s)) > 0
        )
),

ranked as (
    select
        p.*,
        case %(by)s::text
            when 'waiting_units' then p.waiting_units
            when 'waiting_shoppers' then p.waiting_shoppers
            when 'median_wait_days' then p.median_wait_days
            when 'oldest_wait_seconds' then extract(epoch from now() - p.oldest_requested_at)
            when 'revenue_at_stake' then p.revenue_at_stake
            when 'expired_units' then p.expired_units
            when 'available_quantity' then p.available_quantity
        end as figure,
        case when %(by)s::text = 'product_name' then lower(coalesce(p.product_name, p.product_id)) end as word
    from product as p
)

select
    store_id,
    product_id,
    product_name,
    category,
    brand,
    price,
    currency,
    waiting_requests,
    waiting_shoppers,
    waiting_units,
    oldest_requested_at,
    median_wait_days,
    expired_requests,
    expired_units,
    revenue_at_stake,
    revenue_low,
    revenue_high,
    available_quantity
from ranked
order by
    case when %(descending)s then figure end desc nulls last,
    case when not %(descending)s then figure end asc nulls last,
    case when %(descending)s then word end desc nulls last,
    case when not %(descending)s then word end asc nulls last,
    store_id asc,
    product_id asc
limit %(most)s offset %(first)s
