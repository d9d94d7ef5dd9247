-- Purpose: made-up rows of the customers feed, in four time zones and three languages.
-- Binds:   first, last (numbers from 0).
-- Grain:   one row a shopper: columns of the feed.
select
    'u' || n as user_id,
    'shopper.' || n || '@example.com' as email,
    'https://shop.example/hooks/' || n as webhook_url,
    (array['en-GB', 'de-DE', 'ko-KR'])[1 + mod(n, 3)] as locale,
    (array['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Seoul'])[1 + mod(n, 4)] as timezone,
    mod(n, 3) as tier
from generate_series(%(first)s::bigint, %(last)s::bigint) as numbers (n)
