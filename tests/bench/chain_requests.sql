-- Purpose: made-up rows of the requests feed. Whoever asks a second time asks for another product.
-- Binds:   first, last (numbers from 0), shoppers, products (how many there are), channel.
-- Grain:   one row a request: columns of the feed.
select
    md5(n::text)::uuid::text as request_id,
    -- Odd steps walk through all shoppers and products in no order.
    'u' || mod(n * 1234567, %(shoppers)s::bigint) as user_id,
    'p' || mod(n * 7919 + n / %(shoppers)s::bigint, %(products)s::bigint) as product_id,
    to_char(
        now() at time zone 'UTC' - interval '30 days' + n * interval '1 second', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'
    ) as requested_at,
    'main' as store_id,
    %(channel)s as channel,
    (array['app', 'web', 'mobile_web', 'cart'])[1 + mod(n, 4)] as surface
from generate_series(%(first)s::bigint, %(last)s::bigint) as numbers (n)
