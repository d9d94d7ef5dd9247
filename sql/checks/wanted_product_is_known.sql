-- Purpose:  each product that shoppers wait for is in the catalogue.
-- Severity: warn
-- Grain:    one row: is_valid, debug_value (which break it, and how many).
with unknown as (
    select distinct
        o.store_id,
        o.product_id
    from restock.open_request as o
    left join restock.product as p on o.store_id = p.store_id and o.product_id = p.product_id
    where p.product_id is null
)

select
    count(*) = 0 as is_valid,
    concat('products such as ', min(store_id || '/' || product_id), ' (', count(*), ' in all)') as debug_value
from unknown
