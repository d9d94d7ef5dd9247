-- Purpose: mark the arriving requests that were withdrawn later than they were asked: by a withdrawal that names the
--          shopper, product and store (and channel, if any), or by one with the same id.
-- Needs:   arriving; the file's cancellations are kept.
with withdrawn as (
    select
        a.request_key,
        c.cancelled_at
    from arriving as a
    inner join restock.cancellation as c
        on
            a.store_id = c.store_id
            and a.product_id = c.product_id
            and a.user_id = c.user_id
            and (c.channel is null or a.channel = c.channel)
            and a.requested_at <= c.cancelled_at
    union all
    select
        a.request_key,
        c.cancelled_at
    from arriving as a
    inner join restock.cancellation as c
        on
            a.request_id = c.request_id
            and a.user_id = c.user_id
            and a.requested_at <= c.cancelled_at
),

first_withdrawal as (
    select
        request_key,
        min(cancelled_at) as cancelled_at
    from withdrawn
    group by request_key
)

update arriving
set withdrawn_at = w.cancelled_at
from first_withdrawal as w
where arriving.request_key = w.request_key
