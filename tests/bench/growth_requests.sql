-- Purpose: made-up rows of the requests feed: five of each shopper, 50 for each product, in no order. Beyond the last of
--          all, shoppers ask for other products.
-- Binds:   first, last (numbers from 0), requests (how many there are before they repeat).
-- Grain:   one row a number: columns of the feed.
select
    md5(n::text)::uuid::text as request_id,
    'u' || place / 5 as user_id,
    'p' || mod(place / 5 * 7 + mod(place, 5) * 31 + n / %(requests)s::bigint, %(requests)s::bigint / 50) as product_id,
    to_char(
        now() at time zone 'UTC' - make_interval(secs => 3600 + mod(n * 7919, 6900000)), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'
    ) as requested_at,
    'main' as store_id,
    'email' as channel,
    'shopper.' || place / 5 || '@example.com' as contact,
    (array['app', 'web', 'mobile_web', 'cart'])[1 + mod(n, 4)] as surface,
    (array['en-US', 'de-CH', 'ko-KR'])[1 + mod(place / 5, 3)] as locale,
    (array['America/New_York', 'Europe/Zurich', 'Asia/Seoul'])[1 + mod(place / 5, 3)] as timezone,
    1 + mod(n, 3) as quantity
from generate_series(%(first)s::bigint, %(last)s::bigint) as numbers (n)
cross join lateral (select mod(n * 1234567, %(requests)s::bigint) as place) as shuffled
