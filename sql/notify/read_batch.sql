-- Purpose: what a claimed message says, and to whom.
-- Binds:   notification_keys.
-- Grain:   one row an item of a message; items in the order in which they were due.
with item as (
    select
        d.notification_key,
        d.request_key,
        d.scheduled_at,
        d.dropped_at,
        r.request_id,
        r.requested_at,
        r.product_id,
        r.store_id,
        -- What fell out is counted too: a number in a link means the same product in every attempt to send it.
        row_number() over (partition by d.notification_key order by d.scheduled_at, r.request_id) as item_number
    from restock.decision as d
    inner join restock.request as r on d.request_key = r.request_key
    where d.notification_key = any(%(notification_keys)s)
)

select
    n.notification_key,
    n.notification_id,
    n.attempt_count,
    n.user_id,
    n.locale,
    restock.address_for(n.channel, opening.contact, c.email, c.phone, c.webhook_url) as contact,
    i.request_id,
    i.requested_at,
    coalesce(p.name, i.product_id) as product_name,
    p.brand,
    p.price,
    p.currency,
    p.url,
    p.image_url,
    n.created_at,
    i.item_number,
    n.store_id,
    n.timezone,
    i.product_id
from restock.notification as n
inner join restock.request as opening on n.opening_request_key = opening.request_key
inner join item as i on n.notification_key = i.notification_key and i.dropped_at is null
left join restock.customer as c on n.user_id = c.user_id
left join restock.product as p on i.store_id = p.store_id and i.product_id = p.product_id
where n.notification_key = any(%(notification_keys)s)
order by n.due_at, n.notification_key, i.scheduled_at, i.request_id
