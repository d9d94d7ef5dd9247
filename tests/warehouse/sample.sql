-- A small warehouse in which everything agrees: every kind of request, message and restock once.
-- Chair and desk are back, lamp is sold out. ann was told of the chair (the first attempt was in doubt); bob is about
-- to be told of chair and desk in one message; cid withdrew his request for the chair and waits for the lamp, which
-- sold out before he could be told; ann waits for the lamp as well; dee wants the desk but left no address.
insert into restock.policy (settings, changed, valid_from)
values ('{"request_ttl_days": 90}', '{request_ttl_days}', '2026-06-01T00:00Z');

insert into restock.feed_file (
    feed, path, byte_size, modified_at, content_hash, status, read_count, loaded_count, rejected_count
) values ('requests', 'requests/a.csv', 99, '2026-08-01T00:00Z', 'c0ffee', 'loaded', 8, 7, 1);
insert into restock.rejected_row (feed_file_id, line_number, raw_text, reason_code, detail)
values (1, 9, 'x,,', 'missing_value', 'product_id is empty');

insert into restock.product (store_id, product_id, name, price, currency, category, brand) values
('main', 'chair', 'Oak chair', 80, 'EUR', 'seats', 'Nordic'),
('main', 'desk', 'Oak desk', 200, 'EUR', 'tables', 'Nordic'),
('main', 'lamp', 'Brass lamp', 30, 'EUR', 'lights', 'Lumo');

insert into restock.customer (user_id, email, phone, timezone, tier) values
('ann', 'ann@example.com', '+491701', 'Europe/Berlin', 2),
('bob', 'bob@example.com', '+491702', 'UTC', 0),
('cid', 'cid@example.com', '+491703', 'UTC', 1);

insert into restock.inventory (store_id, product_id, location_id, available_quantity, orderable, snapshot_at) values
('main', 'chair', 'north', 5, true, '2026-09-01T08:00Z'),
('main', 'chair', 'south', 3, false, '2026-09-01T08:00Z'),
('main', 'desk', 'north', 2, true, '2026-09-01T08:00Z'),
('main', 'lamp', 'north', 0, true, '2026-09-01T08:00Z');
insert into restock.availability (store_id, product_id, quantity, snapshot_at) values
('main', 'chair', 5, '2026-09-01T08:00Z'),
('main', 'desk', 2, '2026-09-01T08:00Z'),
('main', 'lamp', 0, '2026-09-01T08:00Z');

insert into restock.request (
    request_key, request_id, user_id, store_id, product_id, channel, contact, surface, quantity, requested_at
) overriding system value values
(1, 'ann-chair', 'ann', 'main', 'chair', 'email', null, 'app', 1, '2026-08-20T10:00Z'),
(2, 'bob-chair', 'bob', 'main', 'chair', 'email', null, 'web', 2, '2026-08-21T10:00Z'),
(3, 'bob-desk', 'bob', 'main', 'desk', 'email', null, 'web', 1, '2026-08-21T10:05Z'),
(4, 'cid-chair', 'cid', 'main', 'chair', 'email', null, 'cart', 1, '2026-08-22T10:00Z'),
(5, 'cid-lamp', 'cid', 'main', 'lamp', 'email', null, 'cart', 1, '2026-08-01T10:00Z'),
(6, 'ann-lamp', 'ann', 'main', 'lamp', 'email', 'home@example.com', 'mobile_web', 3, '2026-08-25T10:00Z'),
(7, 'dee-desk', 'dee', 'main', 'desk', 'email', null, 'app', 1, '2026-08-26T10:00Z');
insert into restock.open_request (store_id, product_id, user_id, channel, request_key) values
('main', 'chair', 'bob', 'email', 2),
('main', 'desk', 'bob', 'email', 3),
('main', 'lamp', 'cid', 'email', 5),
('main', 'lamp', 'ann', 'email', 6),
('main', 'desk', 'dee', 'email', 7);

insert into restock.episode (episode_id, store_id, product_id, quantity, opened_at, closed_at, last_position, policy_id)
overriding system value values
(1, 'main', 'chair', 5, '2026-09-01T08:01Z', null, 2, 1),
(2, 'main', 'desk', 2, '2026-09-01T08:01Z', null, 1, 1),
(3, 'main', 'lamp', 4, '2026-08-03T08:00Z', '2026-08-03T20:00Z', 1, 1);

insert into restock.notification (
    notification_id,
    notification_key, opening_episode_id, opening_request_key, user_id, channel, store_id, locale, timezone, local_day,
    first_due_at, due_at, status, status_at, attempt_count, last_error, policy_id, created_at
) overriding system value values
(
    restock.message_id(1, 1),
    1, 1, 1, 'ann', 'email', 'main', 'de-DE', 'Europe/Berlin', '2026-09-01',
    '2026-09-01T08:01Z', '2026-09-01T08:01Z', 'sent', '2026-09-01T08:11Z', 2, null, 1, '2026-09-01T08:02Z'
),
(
    restock.message_id(1, 2),
    2, 1, 2, 'bob', 'email', 'main', 'en-GB', 'UTC', '2999-01-01',
    '2999-01-01T08:00Z', '2999-01-01T08:00Z', 'scheduled', '2026-09-01T08:02Z', 0, null, 1, '2026-09-01T08:02Z'
),
(
    restock.message_id(3, 5),
    3, 3, 5, 'cid', 'email', 'main', null, 'UTC', '2026-08-04',
    '2026-08-04T08:00Z', '2026-08-04T08:00Z', 'cancelled', '2026-08-04T08:00Z', 0, null, 1, '2026-08-03T08:01Z'
),
(
    restock.message_id(3, 6),
    4, 3, 6, 'cid', 'email', 'main', null, 'UTC', '2026-08-04',
    '2026-08-04T08:00Z', '2026-08-04T08:00Z', 'dead', '2026-08-04T08:01Z', 1, '554 no', 1, '2026-08-03T08:01Z'
);
insert into restock.outbox (notification_key, channel, due_at) values (2, 'email', '2999-01-01T08:00Z');

insert into restock.decision (
    episode_id, request_key, outcome, rule, position, wave, due_at, scheduled_at, notification_key, dropped_at,
    policy_id, decided_at
) values
(1, 1, 'told', 'queue', 1, 0, '2026-09-01T08:01Z', '2026-09-01T08:01Z', 1, null, 1, '2026-09-01T08:02Z'),
(1, 2, 'delayed', 'quiet_hours', 2, 0, '2026-09-01T08:01Z', '2999-01-01T08:00Z', 2, null, 1, '2026-09-01T08:02Z'),
(2, 3, 'merged', 'digest', 1, 0, '2026-09-01T08:01Z', '2999-01-01T08:00Z', 2, null, 1, '2026-09-01T08:02Z'),
(1, 4, 'skipped', 'cancelled', null, null, null, null, null, null, 1, '2026-09-01T08:02Z'),
(
    3, 5, 'skipped', 'sold_out', 1, 0, '2026-08-03T08:00Z', '2026-08-04T08:00Z', 3, '2026-08-04T08:00Z', 1,
    '2026-08-03T08:01Z'
),
(2, 7, 'skipped', 'no_address', null, null, null, null, null, null, 1, '2026-09-01T08:02Z');

insert into restock.delivery_attempt (
    notification_key, attempt_number, outcome, provider_code, provider_message, started_at, finished_at, sender
) values
(1, 1, 'in_doubt', null, 'no answer', '2026-09-01T08:03Z', '2026-09-01T08:08Z', 'run 1'),
(1, 2, 'accepted', '250', 'queued for ann@example.com', '2026-09-01T08:11Z', '2026-09-01T08:11Z', 'run 2');

insert into restock.request_outcome (request_key, status, reason, notification_key, closed_at) values
(1, 'notified', 'sent', 1, '2026-09-01T08:11Z'),
(4, 'cancelled', 'cancelled', null, '2026-08-30T10:00Z');
