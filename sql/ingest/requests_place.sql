-- Purpose: find the new requests that ask for what an open request asks already, or an earlier one of the file, and
--          note which they join. An open request that was found is held until the end, so that nobody closes it while
--          others are joining it.
-- Needs:   arriving, in which is marked what is withdrawn and what stands; open requests that end with this file are
--          closed.
with found as (
    select
        request_key,
        store_id,
        product_id,
        user_id,
        channel
    from arriving
    where standing_key is not null
    order by store_id, product_id, user_id, channel
),

standing as materialized (
    select
        f.request_key as arriving_key,
        held.request_key
    from found as f
    cross join lateral (
        select o.request_key
        from restock.open_request as o
        where
            o.store_id = f.store_id
            and o.product_id = f.product_id
            and o.user_id = f.user_id
            and o.channel = f.channel
        for key share
    ) as held
),

-- By two of the four columns: what is asked for twice is among that, and counting by all of them takes twice as long.
repeated as (
    select
        product_id,
        user_id
    from arriving
    where withdrawn_at is null
    group by product_id, user_id
    having count(*) > 1
),

led as (
    select
        a.request_key as arriving_key,
        first_value(a.request_key) over same_thing as request_key
    from repeated as d
    inner join arriving as a on d.product_id = a.product_id and d.user_id = a.user_id
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
