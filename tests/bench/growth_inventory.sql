-- Purpose: a snapshot of the inventory: the products whose number leaves the rest after a division by ten are there, the
--          others are sold out.
-- Binds:   first, last (numbers from 0), step (every how many), rest (-1 for none), quantity (of those that are there).
-- Grain:   one row a product: columns of the feed.
select
    'main' as store_id,
    'main' as location_id,
    'p' || n as product_id,
    case when mod(n, 10) = %(rest)s::bigint then %(quantity)s::integer else 0 end as available_quantity,
    to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as snapshot_at
from generate_series(%(first)s::bigint, %(last)s::bigint, %(step)s::bigint) as numbers (n)
