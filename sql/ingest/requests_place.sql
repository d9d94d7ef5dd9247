-- Purpose: find the new requests that ask for what an open request asks already, or an earlier one of the file, and
--          note which they join. An open request that was found is held until the end, so that nobody closes it while
--          others are joining it.
-- Needs:   arriving, in which everything withdrawn is marked; open requests that end with this file are closed.
with standing as materialized (
    select
        a.request_key as arriving_key,
        o.request_key
    from arriving as a
    inner join restock.open_request as o
        on
            a.store_id = o.store_id
            and a.product_id = o.product_id
            and a.user_id = o.user_id
            and a.channel = o.channel
    where a.withdrawn_at is null
    order by o.store_id, o.product_id, o.user_id, o.channel
    for key share of o
),

repeated as (
    select
        store_id,
        product_id,
        user_id,
        channel
    from arriving
    where withdrawn_at is null
    group by store_id, product_id, user_id, channel
    having count(*) > 1
),

led as (
    select
        a.request_key as arriving_key,
        first_value(a.request_key) over same_thing as request_key
    from repeated as d
    inner join arriving as a
        on
            d.store_id = a.store_id
            and d.product_id = a.product_id
            and d.user_id = a.user_id
            and d.channel = a.channel
    where a.withdrawn_at is null
    window same_thing as (
        partition by a.store_id, a.product_id, a.user_id, a.channel
        order by a.requested_at, a.request_id
    )
),

joining as (
    select
        arriving_key,
        request_key
    from standing
    union all
    select
        l.arriving_key,
        l.request_key
    from led as l
    where
        l.arriving_key <> l.request_key
        and not exists (
            select 1
            from standing as s
            where s.arriving_key = l.arriving_key
        )
)

update arriving
set joins_key = j.request_key
from joining as j
where arriving.request_key = j.arriving_key
