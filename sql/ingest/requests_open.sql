-- Purpose: open the requests that were written, in the same order.
-- Needs:   arriving, in which what joins is marked.
insert into restock.open_request (store_id, product_id, user_id, channel, request_key)
select
    store_id,
    product_id,
    user_id,
    channel,
    request_key
from arriving
where withdrawn_at is null and joins_key is null
