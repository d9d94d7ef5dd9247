-- Purpose:  a product has at most one open episode in a store.
-- Severity: fail
-- Grain:    one row: is_valid, debug_value (which break it, and how many).
with open_twice as (
    select
        store_id,
        product_id
    from restock.episode
    where closed_at is null
    group by store_id, product_id
    having count(*) > 1
)

select
    count(*) = 0 as is_valid,
    concat('products such as ', min(store_id || '/' || product_id), ' (', count(*), ' in all)') as debug_value
from open_twice
