-- Purpose: messages that are due, each to a shopper of its own about one of a thousand products, as planning leaves them.
-- Binds:   channel, message_count, policy_id.
truncate restock.outbox, restock.decision, restock.delivery_attempt, restock.request_outcome, restock.open_request,
restock.notification, restock.request, restock.joined_request, restock.customer, restock.product, restock.availability,
restock.episode, restock.candidate, restock.plan_queue restart identity cascade;
insert into restock.product (store_id, product_id, name, url, image_url, price, currency, brand)
select 'main', 'p' || n, 'Product with a name number ' || n, 'https://shop.example/p/' || n,
    'https://shop.example/i/' || n || '.jpg', 10 + n / 7.0, 'EUR', 'Brand ' || mod(n, 50)
from generate_series(0, 999) as n;
insert into restock.availability (store_id, product_id, quantity, snapshot_at)
select 'main', 'p' || n, 100, now() from generate_series(0, 999) as n;
insert into restock.customer (user_id, email, webhook_url, locale, timezone)
select 'u' || n, 'shopper.' || n || '@example.com', 'https://shop.example/hooks/' || n,
    (array['en-GB', 'de-DE', 'ko-KR'])[mod(n, 3) + 1], 'Europe/Berlin'
from generate_series(1, %(message_count)s) as n;
insert into restock.request (request_id, user_id, store_id, product_id, channel, requested_at)
select 'r' || n, 'u' || n, 'main', 'p' || mod(n, 1000), %(channel)s, now() - interval '1 day'
from generate_series(1, %(message_count)s) as n;
insert into restock.open_request (store_id, product_id, user_id, channel, request_key)
select store_id, product_id, user_id, channel, request_key from restock.request;
insert into restock.episode (store_id, product_id, quantity, opened_at, policy_id)
select 'main', 'p' || n, 100, now() - interval '1 hour', %(policy_id)s from generate_series(0, 999) as n;
insert into restock.notification (
    notification_id, opening_episode_id, opening_request_key, user_id, channel, store_id, locale, timezone, local_day,
    first_due_at, due_at, status_at, policy_id, created_at
)
select restock.message_id(e.episode_id, r.request_key), e.episode_id, r.request_key, r.user_id, r.channel, 'main',
    c.locale, 'Europe/Berlin', current_date, now(), now(), now(), %(policy_id)s, now()
from restock.request as r
inner join restock.episode as e on r.product_id = e.product_id
inner join restock.customer as c on r.user_id = c.user_id
order by r.request_key;
insert into restock.outbox (notification_key, channel, due_at)
select notification_key, channel, due_at from restock.notification;
insert into restock.decision (
    episode_id, request_key, outcome, rule, position, wave, due_at, scheduled_at, notification_key, policy_id,
    decided_at
)
select opening_episode_id, opening_request_key, 'told', 'queue', 1, 0, due_at, due_at, notification_key, policy_id,
    now()
from restock.notification;
