-- Purpose: requests, with where each stands.
-- Binds:   request_ids (of requests that joined no other).
-- Grain:   one row a request.
select
    r.request_id,
    r.request_key,
    r.user_id,
    r.store_id,
    r.product_id,
    coalesce(p.name, r.product_id) as product_name,
    r.channel,
    s.status,
    s.since
from restock.request as r
inner join restock.request_state as s on r.request_id = s.request_id
left join restock.product as p on r.store_id = p.store_id and r.product_id = p.product_id
where r.request_id = any(%(request_ids)s) and s.request_id = any(%(request_ids)s)
