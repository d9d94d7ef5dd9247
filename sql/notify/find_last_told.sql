-- Purpose: when the shoppers of open requests of the taken products were last told about the same product. What a
--          sender has at this moment counts as told now.
-- Binds:   first_day (the cooldown reaches no further back), clock.
-- Grain:   one row a request whose shopper was told.
-- Needs:   taken_product (take_plan_queue.sql).
select
    o.request_key,
    max(case when n.status = 'sent' then n.status_at else %(clock)s::timestamptz end) as last_told_at
from taken_product as t
inner join restock.open_request as o on t.store_id = o.store_id and t.product_id = o.product_id
inner join restock.notification as n on o.user_id = n.user_id
inner join restock.decision as d on n.notification_key = d.notification_key
inner join restock.request as told on d.request_key = told.request_key
where
    n.local_day >= %(first_day)s
    and (
        n.status = 'sent'
        or exists (
            select 1
            from restock.outbox as l
            where l.notification_key = n.notification_key and l.lease_until is not null
        )
    )
    and d.dropped_at is null
    and told.product_id = o.product_id
group by o.request_key
