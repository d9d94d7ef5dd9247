-- Purpose: what a claimed message says, and to whom.
-- Binds:   notification_keys.
-- Grain:   one row an item of a message; items in the order in which they were due.
select
    n.notification_key,
    n.notification_id,
    n.attempt_count,
    n.user_id,
    n.locale,
    restock.address_for(n.channel, opening.contact, c.email, c.phone, c.webhook_url) as contact,
    r.request_id,
    r.requested_at,
    coalesce(p.name, r.product_id) as product_name,
    p.brand,
    p.price,
    p.currency,
    p.url,
    p.image_url,
    n.store_id,
    n.timezone,
    r.product_id
from restock.notification as n
inner join restock.request as opening on n.opening_request_key = opening.request_key
inner join restock.decision as d on n.notification_key = d.notification_key and d.dropped_at is null
inner join restock.request as r on d.request_key = r.request_key
left join restock.customer as c on n.user_id = c.user_id
left join restock.product as p on r.store_id = p.store_id and r.product_id = p.product_id
where n.notification_key = any(%(notification_keys)s)
order by n.due_at, n.notification_key, d.scheduled_at, r.request_id
