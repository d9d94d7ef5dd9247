-- Purpose:  a file of stock has at least half as many rows as the smallest of the twenty before it.
-- Severity: warn
-- Feeds:    inventory
-- Clears:   by itself
-- Binds:    feed_file_id.
-- Grain:    one row: is_valid, debug_value (the file, and its rows). Where files of fewer than 1,000 rows are usual, or
--           fewer than five came before, any size is.
with earlier as (
    select e.read_count
    from restock.feed_file as f
    inner join restock.feed_file as e
        on
            f.feed = e.feed
            and f.recorded_at > e.recorded_at
            and f.origin = e.origin
            and e.origin <> 'replay'
            and e.status <> 'failed'
    where f.feed_file_id = %(feed_file_id)s and e.status = 'loaded'
    order by e.recorded_at desc
    limit 20
),

usual as (
    select
        count(*) as file_count,
        min(read_count) as least
    from earlier
)

select
    u.file_count < 5 or u.least < 1000 or f.read_count * 2 >= u.least as is_valid,
    concat(f.path, ': it has ', f.read_count, ' rows, and none of those before had fewer than ', u.least) as debug_value
from restock.feed_file as f
cross join usual as u
where f.feed_file_id = %(feed_file_id)s
