-- Purpose: the products that shoppers wait for most.
-- Binds:   most (rows).
-- Grain:   one row a product and store, that with the most waiting units first.
select
    store_id,
    product_id,
    product_name,
    category,
    currency,
    waiting_units,
    waiting_shoppers,
    oldest_requested_at,
    median_wait_days,
    revenue_low,
    revenue_at_stake,
    revenue_high,
    available_quantity
from mart.product_demand
where waiting_units > 0
order by waiting_units desc, oldest_requested_at asc, store_id asc, product_id asc
limit %(most)s
