-- Purpose: write the requests that nothing open asks for yet, in the order in which they lie in arriving: a join here
--          would lose it. (One statement that filled this table and open_request would hand every row from one to the
--          other through a file.)
-- Binds:   feed_file_id.
-- Needs:   arriving, in which what joins is marked.
insert into restock.request (
    request_key,
    request_id,
    user_id,
    store_id,
    product_id,
    channel,
    contact,
    surface,
    locale,
    timezone,
    quantity,
    requested_at,
    feed_file_id
)
overriding system value
select
    request_key,
    request_id,
    user_id,
    store_id,
    product_id,
    channel,
    contact,
    surface,
    locale,
    timezone,
    quantity,
    requested_at,
    coalesce(feed_file_id, %(feed_file_id)s)
from arriving
where withdrawn_at is null and joins_key is null
