-- Purpose:  the file that a row came in, and the request that an open one names, are there.
-- Severity: fail
-- Grain:    one row: is_valid, debug_value (which break it, and how many).
with broken as (
    select concat('request ', r.request_id) as what
    from restock.request as r
    where
        r.feed_file_id is not null
        and not exists (
            select 1
            from restock.feed_file as f
            where f.feed_file_id = r.feed_file_id
        )
    union all
    select concat('open request of ', o.user_id, ' for ', o.product_id) as what
    from restock.open_request as o
    where
        not exists (
            select 1
            from restock.request as r
            where r.request_key = o.request_key
        )
    union all
    select concat('inventory of ', i.product_id, ' at ', i.location_id) as what
    from restock.inventory as i
    where
        i.feed_file_id is not null
        and not exists (
            select 1
            from restock.feed_file as f
            where f.feed_file_id = i.feed_file_id
        )
    union all
    select concat('cancellation ', c.request_id) as what
    from restock.cancellation as c
    where
        c.feed_file_id is not null
        and not exists (
            select 1
            from restock.feed_file as f
            where f.feed_file_id = c.feed_file_id
        )
    union all
    select concat('customer ', u.user_id) as what
    from restock.customer as u
    where
        u.feed_file_id is not null
        and not exists (
            select 1
            from restock.feed_file as f
            where f.feed_file_id = u.feed_file_id
        )
)

select
    count(*) = 0 as is_valid,
    concat('rows such as ', min(what), ' (', count(*), ' in all)') as debug_value
from broken
