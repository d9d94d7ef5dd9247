-- Purpose: merge an inventory file: the newest row of a product at a location counts. Of two rows of the same moment
--          the one with less to sell counts, so that the order in which they arrive does not matter. Then sum over its
--          locations what a store has of each product that changed: what the file says of a location, else what is
--          known. (The product leads because sorting is quickest by what differs. New rows are inserted plainly because
--          on conflict costs half as much again, and the lock on the feed keeps others from inserting the same.)
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

stock as (
    select
        store_id,
        product_id,
        available_quantity,
        orderable,
        snapshot_at
    from compared
    where is_new or is_newer
    union all
    select
        k.store_id,
        k.product_id,
        k.available_quantity,
        k.orderable,
        k.snapshot_at
    from restock.inventory as k
    where
        (k.product_id, k.store_id) in (
            select
                product_id,
                store_id
            from compared
            where is_new or is_newer
        )
        and not exists (
            select 1
            from compared as c
            where
                (c.is_new or c.is_newer)
                and c.product_id = k.product_id
                and c.store_id = k.store_id
                and c.location_id = k.location_id
        )
),

summed as (
    select
        store_id,
        product_id,
        sum(case when orderable then available_quantity else 0 end) as quantity,
        max(snapshot_at) as snapshot_at
    from stock
    group by product_id, store_id
),

changed as materialized (
    select
        s.store_id,
        s.product_id,
        s.quantity,
        s.snapshot_at,
        k.product_id is null as is_new
    from summed as s
    left join restock.availability as k on s.store_id = k.store_id and s.product_id = k.product_id
    where k.product_id is null or (k.quantity, k.snapshot_at) is distinct from (s.quantity, s.snapshot_at)
),

available as (
    insert into restock.availability (store_id, product_id, quantity, snapshot_at)
    select
        store_id,
        product_id,
        quantity,
        snapshot_at
    from changed
    where is_new
    order by product_id, store_id
),

refreshed as (
    update restock.availability as k
    set
        quantity = c.quantity,
        snapshot_at = c.snapshot_at
    from changed as c
    where not c.is_new and c.store_id = k.store_id and c.product_id = k.product_id
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
