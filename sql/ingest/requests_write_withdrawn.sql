-- Purpose: write the arriving requests that were withdrawn before they arrived, as cancelled.
-- Binds:   feed_file_id.
-- Needs:   arriving.
-- Grain:   one row of counts.
with written as (
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
    where withdrawn_at is not null
),

closed as (
    insert into restock.request_outcome (request_key, status, reason, closed_at)
    select
        request_key,
        'cancelled',
        'cancelled',
        withdrawn_at
    from arriving
    where withdrawn_at is not null
)

select count(*) as loaded
from arriving
where withdrawn_at is not null and line_number is not null
