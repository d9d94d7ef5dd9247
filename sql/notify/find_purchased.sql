-- Purpose: which open requests of the taken products a purchase has answered.
-- Grain:   one row a request.
-- Needs:   taken_product (take_plan_queue.sql).
select distinct o.request_key
from taken_product as t
inner join restock.open_request as o on t.store_id = o.store_id and t.product_id = o.product_id
inner join restock.purchase as p
    on o.user_id = p.user_id and o.store_id = p.store_id and o.product_id = p.product_id
inner join restock.request as r on o.request_key = r.request_key
where p.ordered_at > r.requested_at
