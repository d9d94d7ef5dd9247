-- Purpose: made-up rows of the inventory feed, one a product. A later snapshot has another quantity of each.
-- Binds:   products (how many), snapshot (a number from 0: the hour).
-- Grain:   one row a product: the columns of the feed.
select
    'p' || mod(n * 7919, %(products)s) as product_id,
    mod(n + %(snapshot)s, 10) as available_quantity,
    to_char(
        timestamp '2025-01-01' + %(snapshot)s * interval '1 hour', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'
    ) as snapshot_at,
    'main' as store_id,
    'hall-' || mod(n, 3) as location_id,
    true as orderable
from generate_series(0::bigint, %(products)s - 1::bigint) as numbers (n)
