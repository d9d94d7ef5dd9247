-- Purpose: what the schedule can be narrowed to: only products that are back have messages to come.
-- Binds:   most (products).
-- Grain:   one row: stores, categories, and the products with the longest queues (store, id and name of each).
with back as (
    select
        e.store_id,
        e.product_id,
        e.last_position,
        p.category,
        coalesce(p.name, e.product_id) as product_name
    from restock.episode as e
    left join restock.product as p on e.store_id = p.store_id and e.product_id = p.product_id
    where e.closed_at is null
),

longest as (
    select
        product_id,
        min(product_name) as product_name
    from back
    group by product_id
    order by max(last_position) desc, product_id asc
    limit %(most)s
)

select
    coalesce(array_agg(distinct b.store_id), '{}') as stores,
    coalesce(array_agg(distinct b.category) filter (where b.category is not null), '{}') as categories,
    (
        select coalesce(jsonb_agg(jsonb_build_array(l.product_id, l.product_name) order by l.product_name), '[]')
        from longest as l
    ) as products
from back as b
