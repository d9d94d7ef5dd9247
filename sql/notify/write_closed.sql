-- Purpose: end the requests that expired, were suppressed or were answered by a purchase.
-- Binds:   clock.
-- Needs:   closed_request (request_key, status, reason).
with ended as (
    insert into restock.request_outcome (request_key, status, reason, closed_at)
    select
        request_key,
        status,
        reason,
        %(clock)s
    from closed_request
    order by request_key
    on conflict (request_key) do nothing
)

delete from restock.open_request as o
using closed_request as c, restock.request as r
where
    r.request_key = c.request_key
    and o.store_id = r.store_id
    and o.product_id = r.product_id
    and o.user_id = r.user_id
    and o.channel = r.channel
    and o.request_key = c.request_key
