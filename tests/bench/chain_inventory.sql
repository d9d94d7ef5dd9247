-- Purpose: a snapshot of the inventory in which there is enough of every product for all who asked.
-- Binds:   products (how many).
-- Grain:   one row a product: columns of the feed.
select
    'main' as store_id,
    'main' as location_id,
    'p' || n as product_id,
    1000 as available_quantity,
    to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as snapshot_at
from generate_series(0::bigint, %(products)s - 1::bigint) as numbers (n)
