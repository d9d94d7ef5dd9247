-- Purpose: the messages of a shard's shoppers that count for the daily cap, and whether items can still join them.
-- Grain:   one row a message.
-- Needs:   shopper_message (find_shopper_messages.sql), joinable_message (lock_joinable.sql).
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
    j.notification_key is not null as joinable
from shopper_message as m
inner join restock.notification as n on m.notification_key = n.notification_key
inner join restock.request as r on n.opening_request_key = r.request_key
left join restock.customer as c on n.user_id = c.user_id
left join restock.product as p on r.store_id = p.store_id and r.product_id = p.product_id
left join joinable_message as j on n.notification_key = j.notification_key
where
    n.status in ('scheduled', 'claimed', 'sent', 'failed')
    -- What holds nothing yet is not looked into: see find_shopper_messages.sql.
    and n.notification_key <= (
        select max(l.notification_key)
        from shopper_message as l
    )
