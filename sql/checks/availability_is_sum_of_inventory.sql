-- Purpose:  the availability of a product is the sum of its inventory, 0 where not orderable.
-- Severity: fail
-- Grain:    one row: is_valid, debug_value (which break it, and how many).
with summed as (
    select
        store_id,
        product_id,
        sum(case when orderable then available_quantity else 0 end) as quantity
    from restock.inventory
    group by store_id, product_id
)

select
    count(*) = 0 as is_valid,
    concat(
        'products such as ',
        min(coalesce(s.store_id, a.store_id) || '/' || coalesce(s.product_id, a.product_id)),
        ' (', count(*), ' in all)'
    ) as debug_value
from summed as s
full outer join restock.availability as a on s.store_id = a.store_id and s.product_id = a.product_id
where a.quantity is distinct from s.quantity
