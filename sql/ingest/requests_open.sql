-- Purpose: open the requests that nothing open asks for yet.
-- Binds:   feed_file_id.
-- Needs:   placed.
-- Grain:   one row of counts.
with written as (
    insert into restock.request (
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
    select
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
    from placed
    where place = 1 and standing_key is null
    order by store_id, product_id, user_id, channel
    returning request_key, store_id, product_id, user_id, channel
),

opened as (
    insert into restock.open_request (store_id, product_id, user_id, channel, request_key)
    select
        store_id,
        product_id,
        user_id,
        channel,
        request_key
    from written
)

select count(*) as loaded
from placed
where place = 1 and standing_key is null and line_number is not null
