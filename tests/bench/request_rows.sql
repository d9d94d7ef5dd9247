-- Purpose: made-up rows of the requests feed, each of its own shopper, product and id, in the order of asking. The
--          same numbers give the same rows, so that a file can repeat some that a warehouse holds.
-- Binds:   first, last (numbers from 0).
-- Grain:   one row a number: the columns of the feed.
select
    md5(n::text)::uuid::text as request_id,
    -- Odd steps, prime to what they are taken by, walk through all shoppers and products in no order.
    'u' || mod(n * 1234567, 4000000) as user_id,
    'p' || mod(n * 7919 + n / 4000000, 20000) as product_id,
    to_char(
        timestamp '2024-01-01' + n * interval '1 second', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'
    ) as requested_at,
    'main' as store_id,
    'email' as channel,
    'u' || mod(n * 1234567, 4000000) || '@example.com' as contact,
    (array['app', 'web', 'mobile_web', 'cart'])[1 + mod(n, 4)] as surface,
    (array['en-US', 'de-CH', 'ko-KR'])[1 + mod(n, 3)] as locale,
    (array['America/New_York', 'Europe/Zurich', 'Asia/Seoul'])[1 + mod(n, 3)] as timezone,
    1 + mod(n, 3) as quantity
from generate_series(%(first)s::bigint, %(last)s::bigint) as numbers (n)
