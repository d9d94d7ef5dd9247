-- Purpose: which products claimed messages are about: settings can be overridden for them.
-- Binds:   notification_keys.
-- Grain:   one row an item of a message.
select
    d.notification_key,
    r.store_id,
    p.category,
    r.product_id
from restock.decision as d
inner join restock.request as r on d.request_key = r.request_key
left join restock.product as p on r.store_id = p.store_id and r.product_id = p.product_id
where d.notification_key = any(%(notification_keys)s::bigint[]) and d.dropped_at is null
