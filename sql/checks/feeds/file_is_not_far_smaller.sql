-- Purpose:  a file of stock has at least half as many rows as the smallest of the twenty before it.
-- Severity: warn
-- Feeds:    inventory
-- Clears:   by itself
-- Binds:    feed_file_id.
-- Grain:    one row: is_valid, debug_value (the file, and its rows). Where files of fewer than 1,000 rows are usual, or
--           fewer than five came before, any size is; so it is for what arrives over HTTP, row by row.
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
        feed = 'inventory'
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
        min(read_count) as least
    from earlier
)

select
    f.origin = 'inbox' or u.file_count < 5 or u.least < 1000 or f.read_count * 2 >= u.least as is_valid,
    concat(f.path, ': it has ', f.read_count, ' rows, and none of those before had fewer than ', u.least) as debug_value
from restock.feed_file as f
cross join usual as u
where f.feed_file_id = %(feed_file_id)s
