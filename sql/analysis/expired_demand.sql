-- Purpose: in which categories did shoppers wait in vain?
-- Grain:   one row a store, category and currency with expired requests, the dearest first.
-- Read it: expired_units is what shoppers wanted until their requests expired (restock_request_ttl_days), worth
--          expired_value at today's prices, had all of them bought. waiting_units is what others want there now: the
--          same will become of it unless the products come back.
select
    store_id,
    category,
    currency,
    count(*) filter (where expired_requests > 0) as product_count,
    sum(expired_requests) as expired_requests,
    sum(expired_units) as expired_units,
    sum(expired_units * price) as expired_value,
    sum(waiting_units) as waiting_units
from mart.product_demand
group by store_id, category, currency
having sum(expired_requests) > 0
order by expired_value desc nulls last, expired_units desc, store_id asc, category asc
