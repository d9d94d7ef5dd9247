-- Purpose: which products that are sold out now are wanted most?
-- Grain:   one row a product and store, the most wanted first; at most 50.
-- Read it: buy from the top. open_count is how many shoppers wait, open_units how many units they want, and
--          missed_amount what these units would bring at today's price. Where days_waited is near the setting
--          restock_request_ttl_days, the requests are about to expire.
select
    store_id,
    product_id,
    product_name,
    open_count,
    open_units,
    currency,
    open_units * price as missed_amount,
    extract(day from now() - waiting_since)::integer as days_waited
from mart.demand
where available_quantity = 0
order by open_units desc, waiting_since asc, store_id asc, product_id asc
limit 50
