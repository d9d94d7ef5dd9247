-- Purpose: merge an inventory file: the newest row of a product at a location counts. Of two rows of the same moment
--          the one with less to sell counts, so that the order in which they arrive does not matter.
-- Binds:   feed_file_id.
-- Needs:   incoming.
-- Grain:   one row of counts.
with newest as (
    select distinct on (store_id, product_id, location_id)
        store_id,
        product_id,
        location_id,
        available_quantity,
        orderable,
        snapshot_at
    from incoming
    order by
        store_id asc,
        product_id asc,
        location_id asc,
        snapshot_at desc,
        orderable asc,
        available_quantity asc
),

said_before as (
    select count(*) as row_count
    from newest as n
    inner join restock.inventory as k
        on
            n.store_id = k.store_id
            and n.product_id = k.product_id
            and n.location_id = k.location_id
            and n.snapshot_at = k.snapshot_at
            and n.orderable = k.orderable
            and n.available_quantity = k.available_quantity
),

merged as (
    insert into restock.inventory as known (
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
    from newest
    order by store_id, product_id, location_id
    on conflict (store_id, product_id, location_id) do update
        set
            available_quantity = excluded.available_quantity,
            orderable = excluded.orderable,
            snapshot_at = excluded.snapshot_at,
            feed_file_id = excluded.feed_file_id
        where (
            excluded.snapshot_at, known.orderable, known.available_quantity
        ) > (known.snapshot_at, excluded.orderable, excluded.available_quantity)
    returning 1
),

counted as (
    select
        (
            select count(*)
            from incoming
        ) as read_count,
        (
            select row_count
            from said_before
        ) as unchanged_count,
        (
            select count(*)
            from merged
        ) as loaded_count
)

select
    loaded_count as loaded,
    unchanged_count as unchanged,
    read_count - loaded_count - unchanged_count as stale
from counted
