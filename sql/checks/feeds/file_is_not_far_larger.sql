-- Purpose:  a file of requests has at most ten times as many rows as the largest of the twenty before it.
-- Severity: warn
-- Feeds:    requests
-- Clears:   by itself
-- Binds:    feed_file_id.
-- Grain:    one row: is_valid, debug_value (the file, and its rows). Up to 10,000 rows, or with fewer than five files
--           before it, any size is usual; so it is for what arrives over HTTP, row by row.
with judged as (
    select
        recorded_at,
        origin
    from restock.feed_file
    where feed_file_id = %(feed_file_id)s
),

earlier as (
    select read_count
    from restock.feed_file
    where
        feed = 'requests'
        and origin <> 'replay'
        and status <> 'failed'
        and status <> 'duplicate'
        and recorded_at < (
            select recorded_at
            from judged
        )
        and origin = (
            select origin
            from judged
        )
    order by recorded_at desc
    limit 20
),

usual as (
    select
        count(*) as file_count,
        max(read_count) as most
    from earlier
)

select
    f.origin = 'inbox' or u.file_count < 5 or f.read_count <= 10000 or f.read_count <= u.most * 10 as is_valid,
    concat(f.path, ': it has ', f.read_count, ' rows, and none of those before had more than ', u.most) as debug_value
from restock.feed_file as f
cross join usual as u
where f.feed_file_id = %(feed_file_id)s
