-- Purpose: write the arriving requests that were withdrawn before they arrived, as cancelled.
-- Binds:   feed_file_id.
-- Needs:   arriving.
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
    from arriving
    where fate = 'withdrawn'
    returning request_key, request_id
),

closed as (
    insert into restock.request_outcome (request_key, status, reason, closed_at)
    select
        w.request_key,
        'cancelled',
        'cancelled',
        a.withdrawn_at
    from written as w
    inner join arriving as a on w.request_id = a.request_id and a.fate = 'withdrawn'
)

select count(*) as loaded
from arriving
where fate = 'withdrawn' and line_number is not null
