-- Purpose: which products that are sold out now are wanted most?
-- Grain:   one row a product and store, the most wanted first; at most 50.
-- Read it: buy from the top. waiting_units is how many units the waiting shoppers want. They may be expected to bring
--          revenue_at_stake once they are told, with the range in which that lies in 95 of 100 cases. Where days_waited
--          is near the setting restock_request_ttl_days, the first requests are about to expire.
select
    store_id,
    product_id,
    product_name,
    waiting_shoppers,
    waiting_units,
    currency,
    revenue_at_stake,
    revenue_low,
    revenue_high,
    extract(day from now() - oldest_requested_at)::integer as days_waited
from mart.product_demand
where available_quantity = 0 and waiting_requests > 0
order by waiting_units desc, oldest_requested_at asc, store_id asc, product_id asc
limit 50
