-- Purpose: note which new requests ask for what an open request asks already; requests_place.sql holds it, unless it is
--          closed by then. (Each is looked for by itself: in the order of arriving that reads, once each, the pages of
--          the index that requests_open.sql will write, and costs less than a join with all that is open.)
-- Needs:   arriving, in which everything withdrawn is marked.
with probed as materialized (
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
    where a.withdrawn_at is null
)

update arriving
set standing_key = p.standing_key
from probed as p
where p.standing_key is not null and arriving.request_key = p.request_key
