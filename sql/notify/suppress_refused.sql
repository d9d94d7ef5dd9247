-- Purpose: the provider says that these addresses are bad: nothing is sent to them again, and the requests of the
--          messages end.
-- Binds:   clock, channel, notification_keys, contacts (arrays, in step).
with refused as (
    select
        a.notification_key,
        restock.hash_contact_with(k.inner_key, k.outer_key, a.contact) as contact_hash
    from unnest(%(notification_keys)s::bigint[], %(contacts)s::text[]) as a (notification_key, contact)
    cross join restock.erasure_key as k
),

suppressed as (
    insert into restock.suppression (channel, contact_hash, reason, suppressed_at)
    select distinct
        %(channel)s,
        contact_hash,
        'bounce',
        %(clock)s::timestamptz
    from refused
    order by contact_hash
    on conflict (channel, contact_hash) do nothing
),

asked as (
    select
        q.request_key,
        q.store_id,
        q.product_id,
        q.user_id,
        q.channel
    from refused as r
    inner join restock.decision as d on r.notification_key = d.notification_key and d.dropped_at is null
    inner join restock.request as q on d.request_key = q.request_key
),

no_longer_open as (
    delete from restock.open_request as o
    using asked as a
    where
        o.store_id = a.store_id
        and o.product_id = a.product_id
        and o.user_id = a.user_id
        and o.channel = a.channel
        and o.request_key = a.request_key
)

insert into restock.request_outcome (request_key, status, reason, closed_at)
select distinct
    request_key,
    'suppressed',
    'suppressed',
    %(clock)s::timestamptz
from asked
order by request_key
on conflict (request_key) do nothing
