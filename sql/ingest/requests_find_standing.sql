-- Purpose: note which new requests ask for what an open request asks already; requests_place.sql holds it, unless it is
--          closed by then. Where much more is open than arrives, each is looked for by itself: in the order of arriving
--          that reads, once each, the pages of the index that requests_open.sql will write, and costs less than half
--          of a join. Where it is not so, the join costs less than half. (A row of arriving is twice as long.)
-- Needs:   arriving, in which everything withdrawn is marked.
with size as materialized (
    select pg_relation_size('restock.open_request') < 2 * pg_relation_size('arriving') as is_small
),

probed as materialized (
    select
        a.request_key,
        (
            select o.request_key
            from restock.open_request as o
            where
                o.store_id = a.store_id
                and o.product_id = a.product_id
                and o.user_id = a.user_id
                and o.channel = a.channel
        ) as standing_key
    from arriving as a
    where
        a.withdrawn_at is null
        and not (
            select is_small
            from size
        )
),

standing as (
    select
        request_key,
        standing_key
    from probed
    where standing_key is not null
    union all
    select
        a.request_key,
        o.request_key as standing_key
    from arriving as a
    inner join restock.open_request as o
        on a.store_id = o.store_id and a.product_id = o.product_id and a.user_id = o.user_id and a.channel = o.channel
    where
        a.withdrawn_at is null
        and (
            select is_small
            from size
        )
)

update arriving
set standing_key = s.standing_key
from standing as s
where arriving.request_key = s.request_key
