-- Purpose: the messages of some shoppers that count for the daily cap, and whether items could join them now.
-- Binds:   user_ids (array), first_day.
-- Grain:   one row a message.
select
    n.notification_key,
    n.user_id,
    n.store_id,
    n.channel,
    restock.address_for(n.channel, r.contact, c.email, c.phone, c.webhook_url) as contact,
    r.product_id,
    p.category,
    n.local_day,
    n.first_due_at,
    n.due_at,
    n.status = 'scheduled' and o.notification_key is not null and o.lease_until is null as joinable
from restock.notification as n
inner join restock.request as r on n.opening_request_key = r.request_key
left join restock.customer as c on n.user_id = c.user_id
left join restock.product as p on r.store_id = p.store_id and r.product_id = p.product_id
left join restock.outbox as o on n.notification_key = o.notification_key
where
    n.user_id = any(%(user_ids)s)
    and n.local_day >= %(first_day)s
    and n.status in ('scheduled', 'claimed', 'sent', 'failed')
