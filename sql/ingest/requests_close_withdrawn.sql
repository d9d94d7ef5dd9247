-- Purpose: close the open requests that the withdrawals of this file end. The outcome is written before the open
--          request goes, as everywhere: whoever writes the outcome first decides how the request ended.
-- Needs:   withdrawal.
with withdrawn as (
    select
        o.request_key,
        min(c.cancelled_at) as cancelled_at
    from withdrawal as c
    inner join restock.open_request as o on c.user_id = o.user_id
    inner join restock.request as r on o.request_key = r.request_key
    where
        r.requested_at <= c.cancelled_at
        and (
            c.request_id = r.request_id
            or (
                c.store_id = o.store_id
                and c.product_id = o.product_id
                and (c.channel is null or c.channel = o.channel)
            )
        )
    group by o.request_key
),

closed as (
    insert into restock.request_outcome (request_key, status, reason, closed_at)
    select
        request_key,
        'cancelled',
        'cancelled',
        cancelled_at
    from withdrawn
    order by request_key
    on conflict (request_key) do nothing
    returning request_key
)

delete from restock.open_request as o
using closed as c, restock.request as r
where
    r.request_key = c.request_key
    and o.store_id = r.store_id
    and o.product_id = r.product_id
    and o.user_id = r.user_id
    and o.channel = r.channel
    and o.request_key = r.request_key
