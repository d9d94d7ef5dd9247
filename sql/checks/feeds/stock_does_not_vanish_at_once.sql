-- Purpose:  of at least 100 products that are being sold, at most half are sold out at once.
-- Severity: fail
-- Feeds:    inventory
-- Clears:   by hand
-- Binds:    feed_file_id.
-- Grain:    one row: is_valid, debug_value (the file, and how many products). By hand, because the next good file
--           brings all of them back at once, and everybody would be told.
with being_sold as (
    select count(*) as episode_count
    from restock.episode
    where
        closed_at is null
        -- A small file cannot have done it, and is not worth the look.
        and (
            select loaded_count >= 50
            from restock.feed_file
            where feed_file_id = %(feed_file_id)s
        )
),

sold_out as (
    select count(*) as sold_out_count
    from restock.episode as e
    inner join restock.availability as a on e.store_id = a.store_id and e.product_id = a.product_id
    where
        e.closed_at is null
        and a.quantity = 0
        -- Nor can one that changes few of them.
        and (
            select b.episode_count >= 100 and f.loaded_count * 20 >= b.episode_count
            from restock.feed_file as f
            cross join being_sold as b
            where f.feed_file_id = %(feed_file_id)s
        )
)

select
    s.sold_out_count * 2 <= b.episode_count as is_valid,
    concat(
        f.path, ': after it ', s.sold_out_count, ' of the ', b.episode_count, ' products being sold are sold out'
    ) as debug_value
from restock.feed_file as f
cross join being_sold as b
cross join sold_out as s
where f.feed_file_id = %(feed_file_id)s
