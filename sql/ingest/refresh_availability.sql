-- Purpose: sum over its locations what a store has of each product that the file names.
-- Needs:   incoming; inventory is merged. The lock on the feed keeps others from inserting the same.
with summed as (
    select
        store_id,
        product_id,
        sum(case when orderable then available_quantity else 0 end) as quantity,
        max(snapshot_at) as snapshot_at
    from restock.inventory
    where
        (product_id, store_id) in (
            select
                product_id,
                store_id
            from incoming
        )
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

inserted as (
    insert into restock.availability (store_id, product_id, quantity, snapshot_at)
    select
        store_id,
        product_id,
        quantity,
        snapshot_at
    from changed
    where is_new
    order by product_id, store_id
)

update restock.availability as k
set
    quantity = c.quantity,
    snapshot_at = c.snapshot_at
from changed as c
where not c.is_new and c.store_id = k.store_id and c.product_id = k.product_id
