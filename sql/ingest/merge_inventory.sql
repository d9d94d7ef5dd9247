-- Purpose: merge an inventory file: the newest row of a product at a location counts. Of two rows of the same moment
--          the one with less to sell counts, so that the order in which they arrive does not matter. (The product leads
--          because sorting is quickest by what differs. New rows are inserted plainly because on conflict costs half
--          as much again, and the lock on the feed keeps others from inserting the same.)
-- Binds:   feed_file_id.
-- Needs:   incoming.
-- Grain:   one row of counts.
with newest as (
    select distinct on (product_id, store_id, location_id)
        store_id,
        product_id,
        location_id,
        available_quantity,
        orderable,
        snapshot_at
    from incoming
    order by
        product_id asc,
        store_id asc,
        location_id asc,
        snapshot_at desc,
        orderable asc,
        available_quantity asc
),

compared as materialized (
    select
        n.store_id,
        n.product_id,
        n.location_id,
        n.available_quantity,
        n.orderable,
        n.snapshot_at,
        k.product_id is null as is_new,
        (n.snapshot_at, k.orderable, k.available_quantity)
        > (k.snapshot_at, n.orderable, n.available_quantity) as is_newer,
        (n.snapshot_at, n.orderable, n.available_quantity)
        = (k.snapshot_at, k.orderable, k.available_quantity) as is_same
    from newest as n
    left join restock.inventory as k
        on n.store_id = k.store_id and n.product_id = k.product_id and n.location_id = k.location_id
),

inserted as (
    insert into restock.inventory (
        store_id, product_id, location_id, available_quantity, orderable, snapshot_at, feed_file_id
    )
    select
        store_id,
        product_id,
        location_id,
        available_quantity,
        orderable,
        snapshot_at,
        %(feed_file_id)s
    from compared
    where is_new
    order by product_id, store_id, location_id
),

updated as (
    update restock.inventory as k
    set
        available_quantity = c.available_quantity,
        orderable = c.orderable,
        snapshot_at = c.snapshot_at,
        feed_file_id = %(feed_file_id)s
    from compared as c
    where
        c.is_newer
        and c.store_id = k.store_id
        and c.product_id = k.product_id
        and c.location_id = k.location_id
),

counted as (
    select
        (
            select count(*)
            from incoming
        ) as read_count,
        count(*) filter (where is_new or is_newer) as loaded_count,
        count(*) filter (where is_same) as unchanged_count
    from compared
)

select
    loaded_count as loaded,
    unchanged_count as unchanged,
    read_count - loaded_count - unchanged_count as stale
from counted
