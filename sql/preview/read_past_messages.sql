-- Purpose: the messages that stood at the beginning of a past stretch of time and count for the daily cap.
-- Binds:   since, first_day.
-- Grain:   one row a message, as the items that were in it then leave it.
select
    n.notification_key,
    n.user_id,
    n.store_id,
    n.channel,
    restock.address_for(n.channel, r.contact, c.email, c.phone, c.webhook_url) as contact,
    r.product_id,
    p.category,
    n.local_day,
    min(d.scheduled_at) as first_due_at,
    max(d.scheduled_at) as due_at,
    max(d.scheduled_at) > %(since)s as joinable
from restock.notification as n
inner join restock.decision as d on n.notification_key = d.notification_key
inner join restock.request as r on n.opening_request_key = r.request_key
left join restock.product as p on r.store_id = p.store_id and r.product_id = p.product_id
left join restock.customer as c on n.user_id = c.user_id
where n.local_day >= %(first_day)s and n.created_at < %(since)s and d.decided_at < %(since)s
group by n.notification_key, r.request_key, p.store_id, p.product_id, c.user_id
