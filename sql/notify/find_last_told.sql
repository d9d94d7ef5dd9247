-- Purpose: when the shoppers of candidates were last told about the same product, in whichever store. What a sender
--          has at this moment counts as told now.
-- Binds:   request_keys (candidates of products of which somebody was told: find_told_products.sql), first_day (the
--          cooldown reaches no further back), clock.
-- Grain:   one row a request whose shopper was told.
select
    r.request_key,
    m.last_told_at
from restock.request as r
-- Shopper by shopper. Of a join PostgreSQL expects next to nothing to be of the last days, and would begin with all
-- that was sent in them.
cross join
    lateral (
        select max(case when n.status = 'sent' then n.status_at else %(clock)s::timestamptz end) as last_told_at
        from restock.notification as n
        inner join restock.decision as d on n.notification_key = d.notification_key
        inner join restock.request as told on d.request_key = told.request_key
        where
            n.user_id = r.user_id
            and n.local_day >= %(first_day)s
            and (
                n.status = 'sent'
                or exists (
                    select 1
                    from restock.outbox as l
                    where l.notification_key = n.notification_key and l.lease_until is not null
                )
            )
            and d.dropped_at is null
            and told.product_id = r.product_id
    ) as m
where r.request_key = any(%(request_keys)s::bigint[]) and m.last_told_at is not null
