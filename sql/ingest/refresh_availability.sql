-- Purpose: sum over its locations what a store has of each product that the file names.
-- Needs:   incoming; inventory is merged.
with touched as (
    select distinct
        store_id,
        product_id
    from incoming
)

insert into restock.availability as known (store_id, product_id, quantity, snapshot_at)
select
    i.store_id,
    i.product_id,
    sum(case when i.orderable then i.available_quantity else 0 end),
    max(i.snapshot_at)
from touched as t
inner join restock.inventory as i on t.store_id = i.store_id and t.product_id = i.product_id
group by i.store_id, i.product_id
order by i.store_id, i.product_id
on conflict (store_id, product_id) do update
    set
        quantity = excluded.quantity,
        snapshot_at = excluded.snapshot_at
    where (known.quantity, known.snapshot_at) is distinct from (excluded.quantity, excluded.snapshot_at)
