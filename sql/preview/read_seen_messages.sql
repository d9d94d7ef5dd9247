-- Purpose: what does not change of messages that planning saw.
-- Binds:   notification_keys (array).
-- Grain:   one row a message.
select
    n.notification_key,
    n.user_id,
    n.store_id,
    n.channel,
    r.contact,
    r.product_id,
    coalesce(d.seen_category, p.category) as category
from restock.notification as n
inner join restock.request as r on n.opening_request_key = r.request_key
left join restock.product as p on r.store_id = p.store_id and r.product_id = p.product_id
left join restock.decision as d on n.opening_episode_id = d.episode_id and n.opening_request_key = d.request_key
where n.notification_key = any(%(notification_keys)s)
