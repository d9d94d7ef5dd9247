-- Purpose: rows of a warehouse of version 0020, a few in every table, as its pipeline left them.
-- Made by: tests/warehouse/fill.py of that version. Never changed: a later one cannot make it again.
INSERT INTO restock.acceptance (leased_by, part_number, started_at, notification_keys, attempt_numbers, provider_codes, provider_messages, finished_at, request_keys, answering_keys, answered_at) VALUES
	('a dead sender', 1, '2026-11-23 18:51:21.412439+00', '{11}', '{1}', '{250}', '{"2.0.0 Ok"}', '{"2026-11-23 18:51:21.412439+00"}', '{1}', '{11}', '{"2026-11-23 18:51:21.412439+00"}');
INSERT INTO restock.alert (alert_id, name, subject, detail, since, raised_at, seen_at, sent_at, sent_count, send_after, problem, ended_at, end_told_at) OVERRIDING SYSTEM VALUE VALUES
	(1, 'dead_messages', 'email', 'one message is dead', '2026-11-23 18:51:21.525689+00', '2026-11-23 18:51:21.525689+00', '2026-11-23 18:51:21.525689+00', NULL, 0, '2026-11-23 18:51:21.525689+00', NULL, NULL, NULL);
INSERT INTO restock.api_key (api_key_id, name, kind, key_hash, surface, origins, created_at, revoked_at) OVERRIDING SYSTEM VALUE VALUES
	(1, 'shop', 'surface', '\x7dd20cb0429e6d24bcec6554f0666ac7f197e50c2277d38f4905a16d162acb84', 'web', '{}', '2026-11-23 18:51:19.263775+00', NULL),
	(2, 'page', 'widget', '\xada22be6d924c7499310b064ada78fa4fe86f515ab22cf21496e3579b6e0cac6', NULL, '{http://shop.example}', '2026-11-23 18:51:19.265715+00', NULL),
	(3, 'warehouse', 'operator', '\x3f7c2a9f76987e0a72de626d24cf06e9105651c653c14b0948fe46de00465082', NULL, '{}', '2026-11-23 18:51:19.266306+00', NULL);
INSERT INTO restock.archive_file (archive_file_id, family, table_name, from_key, to_key, path, row_count, fingerprint, file_hash, begun_at, verified_at, removed_at) OVERRIDING SYSTEM VALUE VALUES
	(1, 'purchase', 'purchase', 1, 2, 'purchase/1.parquet', 3, 4, 'c0ffee', '2026-11-23 18:51:21.525689+00', '2026-11-23 18:51:21.525689+00', '2026-11-23 18:51:21.525689+00');
INSERT INTO restock.availability (store_id, product_id, quantity, snapshot_at) VALUES
	('main', 'rug', 0, '2026-11-23 17:51:19.767013+00'),
	('main', 'lamp', 40, '2026-11-23 18:51:20.302296+00'),
	('main', 'chair', 4, '2026-11-23 18:51:20.855054+00'),
	('main', 'desk', 0, '2026-11-23 18:51:21.060149+00'),
	('main', 'sofa', 3, '2026-11-23 18:51:21.261951+00'),
	('main', 'vase', 5, '2026-11-23 18:51:21.413551+00');
INSERT INTO restock.breaker (channel, trip_count, tripped_at, probe_at, reason, opened_at) VALUES
	('chat', 1, '2026-11-23 18:51:21.525689+00', '2026-11-23 19:51:21.525689+00', 'no answer', '2026-11-23 18:51:21.525689+00');
INSERT INTO restock.cancellation (request_id, user_id, store_id, product_id, channel, cancelled_at, feed_file_id) VALUES
	('shopper-10/chair/again', 'shopper-10', 'main', 'chair', NULL, '2026-11-23 18:42:19.768023+00', 6),
	('shopper-02/desk/again', 'shopper-02', 'main', 'desk', NULL, '2026-11-23 18:42:19.767969+00', 6),
	('shopper-26/desk/again', 'shopper-26', 'main', 'desk', NULL, '2026-11-23 18:42:19.768119+00', 6),
	('shopper-18/lamp/again', 'shopper-18', 'main', 'lamp', NULL, '2026-11-23 18:42:19.768072+00', 6),
	('never-seen', 'shopper-00', 'main', 'ghost', NULL, '2026-11-23 18:01:19.767707+00', 7);
INSERT INTO restock.candidate (bucket, episode_id, request_key, "position", wave, due_at, ranked_at, request_id, user_id, channel, timezone, locale, category, tier, last_told_at, looks) VALUES
	(4, 5, 72, 2, 0, '2026-11-23 18:51:21.44105+00', '2026-11-23 18:51:21.460831+00', 'shopper-11/vase', 'shopper-11', 'email', 'Europe/Berlin', NULL, NULL, 2, NULL, NULL),
	(12, 5, 71, 1, 0, '2026-11-23 18:51:21.44105+00', '2026-11-23 18:51:21.460831+00', 'shopper-05/vase', 'shopper-05', 'email', 'Europe/Berlin', NULL, NULL, 2, NULL, NULL),
	(40, 5, 74, 4, 0, '2026-11-23 18:51:21.44105+00', '2026-11-23 18:51:21.460831+00', 'shopper-23/vase', 'shopper-23', 'email', 'Europe/Berlin', NULL, NULL, 2, NULL, NULL),
	(41, 5, 75, 5, 0, '2026-11-23 18:51:21.44105+00', '2026-11-23 18:51:21.460831+00', 'shopper-29/vase', 'shopper-29', 'email', 'Europe/Berlin', NULL, NULL, 2, NULL, NULL),
	(53, 5, 73, 3, 0, '2026-11-23 18:51:21.44105+00', '2026-11-23 18:51:21.460831+00', 'shopper-17/vase', 'shopper-17', 'email', 'Europe/Berlin', NULL, NULL, 2, NULL, NULL);
INSERT INTO restock.channel (name, kind, connection_id, connections, options) VALUES
	('email', 'email', 'restock_smtp', 32, '{}'),
	('webhook', 'webhook', 'restock_webhook', 16, '{}'),
	('sms', 'apprise', 'restock_apprise', 8, '{"tag": "sms"}'),
	('push', 'apprise', 'restock_apprise', 8, '{"tag": "push"}'),
	('chat', 'apprise', 'restock_apprise', 8, '{"tag": "chat"}');
INSERT INTO restock.check_result (name, severity, is_valid, sentence, since, checked_at) VALUES
	('wanted_product_is_known', 'warn', true, 'It holds.', '2026-11-23 18:51:21.525689+00', '2026-11-23 18:51:21.525689+00');
INSERT INTO restock.click (click_id, notification_key, store_id, product_id, clicked_at) OVERRIDING SYSTEM VALUE VALUES
	(1, 10, 'main', 'lamp', '2026-11-23 18:51:20.761851+00'),
	(2, 4, 'main', 'lamp', '2026-11-23 18:51:20.793042+00'),
	(3, 6, 'main', 'lamp', '2026-11-23 18:51:20.821964+00'),
	(4, 8, 'main', 'lamp', '2026-11-23 18:51:20.851722+00');
INSERT INTO restock.confirmation (confirmation_key, confirmation_id, channel, contact_hash, store_id, contact, locale, status, asked_at, expires_at, due_at, lease_until, leased_by, attempt_count, last_error, sent_count, sent_at, confirmed_at) OVERRIDING SYSTEM VALUE VALUES
	(1, '0cf09281-ba7d-455c-8563-50ba0f0fe62c', 'email', '\xb530bd40ccbcdfbc0799b656a69cdf92', 'berlin', 'web@example.com', NULL, 'sent', '2026-11-23 18:51:20.298307+00', '2026-11-30 18:51:20.298307+00', '2026-11-23 18:51:20.298307+00', NULL, NULL, 0, NULL, 1, '2026-11-23 18:51:20.580016+00', NULL);
INSERT INTO restock.console_action (console_action_id, user_name, action, subject, detail, done_at) OVERRIDING SYSTEM VALUE VALUES
	(1, 'eve', 'replay_dead', '554', '{"why": "x"}', '2026-11-23 18:51:21.525689+00');
INSERT INTO restock.customer (user_id, email, phone, webhook_url, locale, timezone, preferred_channel, tier, consent, feed_file_id, updated_at) VALUES
	('shopper-00', 'shopper-00@example.com', '+49 170 5550100', NULL, NULL, 'Europe/Berlin', NULL, 0, true, 2, '2026-11-23 18:51:19.800724+00'),
	('shopper-01', 'shopper-01@example.com', '+49 170 5550101', NULL, NULL, 'Europe/Berlin', NULL, 1, true, 2, '2026-11-23 18:51:19.800724+00'),
	('shopper-02', 'shopper-02@example.com', '+49 170 5550102', NULL, NULL, 'Europe/Berlin', NULL, 2, true, 2, '2026-11-23 18:51:19.800724+00'),
	('shopper-03', 'shopper-03@example.com', '+49 170 5550103', NULL, NULL, 'Europe/Berlin', NULL, 0, true, 2, '2026-11-23 18:51:19.800724+00'),
	('shopper-04', 'shopper-04@example.com', '+49 170 5550104', NULL, NULL, 'Europe/Berlin', NULL, 1, true, 2, '2026-11-23 18:51:19.800724+00'),
	('shopper-05', 'shopper-05@example.com', '+49 170 5550105', NULL, NULL, 'Europe/Berlin', NULL, 2, true, 2, '2026-11-23 18:51:19.800724+00'),
	('shopper-06', 'shopper-06@example.com', '+49 170 5550106', NULL, NULL, 'Europe/Berlin', NULL, 0, true, 2, '2026-11-23 18:51:19.800724+00'),
	('shopper-07', 'shopper-07@example.com', '+49 170 5550107', NULL, NULL, 'Europe/Berlin', NULL, 1, true, 2, '2026-11-23 18:51:19.800724+00'),
	('shopper-09', 'shopper-09@example.com', '+49 170 5550109', NULL, NULL, 'Europe/Berlin', NULL, 0, true, 2, '2026-11-23 18:51:19.800724+00'),
	('shopper-10', 'shopper-10@example.com', '+49 170 5550110', NULL, NULL, 'Europe/Berlin', NULL, 1, true, 2, '2026-11-23 18:51:19.800724+00'),
	('shopper-11', 'shopper-11@example.com', '+49 170 5550111', NULL, NULL, 'Europe/Berlin', NULL, 2, true, 2, '2026-11-23 18:51:19.800724+00'),
	('shopper-12', 'shopper-12@example.com', '+49 170 5550112', NULL, NULL, 'Europe/Berlin', NULL, 0, true, 2, '2026-11-23 18:51:19.800724+00'),
	('shopper-13', 'shopper-13@example.com', '+49 170 5550113', NULL, NULL, 'Europe/Berlin', NULL, 1, true, 2, '2026-11-23 18:51:19.800724+00'),
	('shopper-14', 'shopper-14@example.com', '+49 170 5550114', NULL, NULL, 'Europe/Berlin', NULL, 2, true, 2, '2026-11-23 18:51:19.800724+00'),
	('shopper-15', 'shopper-15@example.com', '+49 170 5550115', NULL, NULL, 'Europe/Berlin', NULL, 0, true, 2, '2026-11-23 18:51:19.800724+00'),
	('shopper-16', 'shopper-16@example.com', '+49 170 5550116', NULL, NULL, 'Europe/Berlin', NULL, 1, true, 2, '2026-11-23 18:51:19.800724+00'),
	('shopper-17', 'shopper-17@example.com', '+49 170 5550117', NULL, NULL, 'Europe/Berlin', NULL, 2, true, 2, '2026-11-23 18:51:19.800724+00'),
	('shopper-18', 'shopper-18@example.com', '+49 170 5550118', NULL, NULL, 'Europe/Berlin', NULL, 0, true, 2, '2026-11-23 18:51:19.800724+00'),
	('shopper-19', 'shopper-19@example.com', '+49 170 5550119', NULL, NULL, 'Europe/Berlin', NULL, 1, true, 2, '2026-11-23 18:51:19.800724+00'),
	('shopper-20', 'shopper-20@example.com', '+49 170 5550120', NULL, NULL, 'Europe/Berlin', NULL, 2, true, 2, '2026-11-23 18:51:19.800724+00'),
	('shopper-21', 'shopper-21@example.com', '+49 170 5550121', NULL, NULL, 'Europe/Berlin', NULL, 0, true, 2, '2026-11-23 18:51:19.800724+00'),
	('shopper-22', 'shopper-22@example.com', '+49 170 5550122', NULL, NULL, 'Europe/Berlin', NULL, 1, true, 2, '2026-11-23 18:51:19.800724+00'),
	('shopper-23', 'shopper-23@example.com', '+49 170 5550123', NULL, NULL, 'Europe/Berlin', NULL, 2, true, 2, '2026-11-23 18:51:19.800724+00'),
	('shopper-24', 'shopper-24@example.com', '+49 170 5550124', NULL, NULL, 'Europe/Berlin', NULL, 0, true, 2, '2026-11-23 18:51:19.800724+00'),
	('shopper-25', 'shopper-25@example.com', '+49 170 5550125', NULL, NULL, 'Europe/Berlin', NULL, 1, true, 2, '2026-11-23 18:51:19.800724+00'),
	('shopper-26', 'shopper-26@example.com', '+49 170 5550126', NULL, NULL, 'Europe/Berlin', NULL, 2, true, 2, '2026-11-23 18:51:19.800724+00'),
	('shopper-27', 'shopper-27@example.com', '+49 170 5550127', NULL, NULL, 'Europe/Berlin', NULL, 0, true, 2, '2026-11-23 18:51:19.800724+00'),
	('shopper-28', 'shopper-28@example.com', '+49 170 5550128', NULL, NULL, 'Europe/Berlin', NULL, 1, true, 2, '2026-11-23 18:51:19.800724+00'),
	('shopper-29', 'shopper-29@example.com', '+49 170 5550129', NULL, NULL, 'Europe/Berlin', NULL, 2, true, 2, '2026-11-23 18:51:19.800724+00'),
	('erased-957b4086-caad-4a8d-9689-dcdbcd7bf547', NULL, NULL, NULL, NULL, 'Europe/Berlin', NULL, 2, true, 2, '2026-11-23 18:51:19.800724+00');
INSERT INTO restock.decision (episode_id, request_key, outcome, rule, "position", wave, due_at, scheduled_at, notification_key, dropped_at, policy_id, decided_at, trace, ranked_at, seen_tier, seen_timezone, seen_address, seen_told_at, seen_category, seen_messages) VALUES
	(1, 46, 'told', 'queue', 1, 0, '2026-11-23 18:51:20.333357+00', '2026-11-23 18:51:20.333357+00', 1, NULL, 1, '2026-11-23 18:51:20.333357+00', 'queue', NULL, NULL, 'Europe/Berlin', 142035343, NULL, NULL, NULL),
	(1, 47, 'told', 'queue', 2, 0, '2026-11-23 18:51:20.333357+00', '2026-11-23 18:51:20.333357+00', 2, NULL, 1, '2026-11-23 18:51:20.333357+00', 'queue', NULL, NULL, 'Europe/Berlin', 1917197783, NULL, NULL, NULL),
	(1, 48, 'told', 'queue', 3, 0, '2026-11-23 18:51:20.333357+00', '2026-11-23 18:51:20.333357+00', 3, NULL, 1, '2026-11-23 18:51:20.333357+00', 'queue', NULL, NULL, 'Europe/Berlin', 995440277, NULL, NULL, NULL),
	(1, 49, 'told', 'queue', 4, 0, '2026-11-23 18:51:20.333357+00', '2026-11-23 18:51:20.333357+00', 4, NULL, 1, '2026-11-23 18:51:20.333357+00', 'queue', NULL, NULL, 'Europe/Berlin', -1154252391, NULL, NULL, NULL),
	(1, 50, 'told', 'queue', 5, 0, '2026-11-23 18:51:20.333357+00', '2026-11-23 18:51:20.333357+00', 5, NULL, 1, '2026-11-23 18:51:20.333357+00', 'queue', NULL, NULL, 'Europe/Berlin', -2144624453, NULL, NULL, NULL),
	(1, 51, 'told', 'queue', 6, 0, '2026-11-23 18:51:20.333357+00', '2026-11-23 18:51:20.333357+00', 6, NULL, 1, '2026-11-23 18:51:20.333357+00', 'queue', NULL, NULL, 'Europe/Berlin', -1493770897, NULL, NULL, NULL),
	(1, 53, 'told', 'queue', 7, 0, '2026-11-23 18:51:20.333357+00', '2026-11-23 18:51:20.333357+00', 7, NULL, 1, '2026-11-23 18:51:20.333357+00', 'queue', NULL, NULL, 'Europe/Berlin', 457535372, NULL, NULL, NULL),
	(1, 54, 'told', 'queue', 8, 0, '2026-11-23 18:51:20.333357+00', '2026-11-23 18:51:20.333357+00', 8, NULL, 1, '2026-11-23 18:51:20.333357+00', 'queue', NULL, NULL, 'Europe/Berlin', 105659597, NULL, NULL, NULL),
	(1, 55, 'told', 'queue', 9, 0, '2026-11-23 18:51:20.333357+00', '2026-11-23 18:51:20.333357+00', 9, NULL, 1, '2026-11-23 18:51:20.333357+00', 'queue', NULL, NULL, 'Europe/Berlin', -1684436895, NULL, NULL, NULL),
	(1, 89, 'told', 'queue', 10, 0, '2026-11-23 18:51:20.333357+00', '2026-11-23 18:51:20.333357+00', 10, NULL, 1, '2026-11-23 18:51:20.333357+00', 'queue', NULL, NULL, NULL, 1274860387, NULL, NULL, NULL),
	(2, 1, 'told', 'queue', 1, 0, '2026-11-23 18:51:20.898991+00', '2026-11-23 18:51:20.898991+00', 11, NULL, 2, '2026-11-23 18:51:20.898991+00', 'queue', NULL, NULL, 'Europe/Berlin', 142035343, NULL, NULL, '1/2026-11-23/2026-11-23T18:51:20.333357Z/2026-11-23T18:51:20.333357Z'),
	(2, 2, 'told', 'queue', 2, 0, '2026-11-23 18:51:20.898991+00', '2026-11-23 18:51:20.898991+00', 12, NULL, 2, '2026-11-23 18:51:20.898991+00', 'queue digest', NULL, 1, 'Europe/Berlin', -1275943113, NULL, NULL, NULL),
	(2, 4, 'told', 'queue', 3, 0, '2026-11-23 18:51:20.898991+00', '2026-11-23 18:51:20.898991+00', 13, NULL, 2, '2026-11-23 18:51:20.898991+00', 'queue digest', NULL, 1, 'Europe/Berlin', -951019612, NULL, NULL, NULL),
	(2, 5, 'told', 'queue', 4, 0, '2026-11-23 18:51:20.898991+00', '2026-11-23 18:51:20.898991+00', 14, NULL, 2, '2026-11-23 18:51:20.898991+00', 'queue', NULL, NULL, 'Europe/Berlin', 995440277, NULL, NULL, NULL),
	(2, 6, 'told', 'queue', 5, 1, '2026-11-24 04:51:20.898991+00', '2026-11-24 04:51:20.898991+00', 17, NULL, 2, '2026-11-23 18:51:20.898991+00', 'queue waves>2026-11-24T04:51:20.898991Z', NULL, 1, 'Europe/Berlin', 203045186, NULL, NULL, NULL),
	(2, 7, 'told', 'queue', 6, 1, '2026-11-24 04:51:20.898991+00', '2026-11-24 04:51:20.898991+00', 18, NULL, 2, '2026-11-23 18:51:20.898991+00', 'queue waves>2026-11-24T04:51:20.898991Z digest', NULL, NULL, 'Europe/Berlin', -1154252391, NULL, NULL, '4/2026-11-23/2026-11-23T18:51:20.333357Z/2026-11-23T18:51:20.333357Z'),
	(2, 9, 'told', 'queue', 7, 1, '2026-11-24 04:51:20.898991+00', '2026-11-24 04:51:20.898991+00', 19, NULL, 2, '2026-11-23 18:51:20.898991+00', 'queue waves>2026-11-24T04:51:20.898991Z', NULL, NULL, 'Europe/Berlin', -2144624453, NULL, NULL, '5/2026-11-23/2026-11-23T18:51:20.333357Z/2026-11-23T18:51:20.333357Z'),
	(2, 10, 'told', 'queue', 8, 1, '2026-11-24 04:51:20.898991+00', '2026-11-24 04:51:20.898991+00', 20, NULL, 2, '2026-11-23 18:51:20.898991+00', 'queue waves>2026-11-24T04:51:20.898991Z digest', NULL, 1, 'Europe/Berlin', 1035714025, NULL, NULL, NULL),
	(2, 11, 'told', 'queue', 9, 2, '2026-11-24 14:51:20.898991+00', '2026-11-24 14:51:20.898991+00', 23, NULL, 2, '2026-11-23 18:51:20.898991+00', 'queue waves>2026-11-24T14:51:20.898991Z digest', NULL, NULL, 'Europe/Berlin', -1493770897, NULL, NULL, '6/2026-11-23/2026-11-23T18:51:20.333357Z/2026-11-23T18:51:20.333357Z'),
	(2, 12, 'told', 'queue', 10, 2, '2026-11-24 14:51:20.898991+00', '2026-11-24 14:51:20.898991+00', 24, NULL, 2, '2026-11-23 18:51:20.898991+00', 'queue waves>2026-11-24T14:51:20.898991Z digest', NULL, 1, 'Europe/Berlin', -1456320521, NULL, NULL, NULL),
	(2, 13, 'told', 'queue', 11, 2, '2026-11-24 14:51:20.898991+00', '2026-11-24 14:51:20.898991+00', 25, NULL, 2, '2026-11-23 18:51:20.898991+00', 'queue waves>2026-11-24T14:51:20.898991Z', NULL, NULL, 'Europe/Berlin', 873265800, NULL, NULL, NULL),
	(2, 14, 'told', 'queue', 12, 2, '2026-11-24 14:51:20.898991+00', '2026-11-24 14:51:20.898991+00', 26, NULL, 2, '2026-11-23 18:51:20.898991+00', 'queue waves>2026-11-24T14:51:20.898991Z', NULL, 1, 'Europe/Berlin', -186000342, NULL, NULL, NULL),
	(2, 15, 'told', 'queue', 13, 3, '2026-11-25 00:51:20.898991+00', '2026-11-25 00:51:20.898991+00', 29, NULL, 2, '2026-11-23 18:51:20.898991+00', 'queue waves>2026-11-25T00:51:20.898991Z digest', NULL, NULL, 'Europe/Berlin', 457535372, NULL, NULL, '7/2026-11-23/2026-11-23T18:51:20.333357Z/2026-11-23T18:51:20.333357Z'),
	(2, 16, 'told', 'queue', 14, 3, '2026-11-25 00:51:20.898991+00', '2026-11-25 00:51:20.898991+00', 30, NULL, 2, '2026-11-23 18:51:20.898991+00', 'queue waves>2026-11-25T00:51:20.898991Z digest', NULL, 1, 'Europe/Berlin', -34248554, NULL, NULL, NULL),
	(2, 17, 'told', 'queue', 15, 3, '2026-11-25 00:51:20.898991+00', '2026-11-25 00:51:20.898991+00', 31, NULL, 2, '2026-11-23 18:51:20.898991+00', 'queue waves>2026-11-25T00:51:20.898991Z', NULL, NULL, 'Europe/Berlin', 105659597, NULL, NULL, '8/2026-11-23/2026-11-23T18:51:20.333357Z/2026-11-23T18:51:20.333357Z'),
	(2, 18, 'told', 'queue', 16, 3, '2026-11-25 00:51:20.898991+00', '2026-11-25 00:51:20.898991+00', 32, NULL, 2, '2026-11-23 18:51:20.898991+00', 'queue waves>2026-11-25T00:51:20.898991Z', NULL, 1, 'Europe/Berlin', 1223310602, NULL, NULL, NULL),
	(2, 19, 'told', 'queue', 17, 4, '2026-11-25 10:51:20.898991+00', '2026-11-25 10:51:20.898991+00', 35, NULL, 2, '2026-11-23 18:51:20.898991+00', 'queue waves>2026-11-25T10:51:20.898991Z digest', NULL, NULL, 'Europe/Berlin', -1684436895, NULL, NULL, '9/2026-11-23/2026-11-23T18:51:20.333357Z/2026-11-23T18:51:20.333357Z'),
	(2, 20, 'told', 'queue', 18, 4, '2026-11-25 10:51:20.898991+00', '2026-11-25 10:51:20.898991+00', 36, NULL, 2, '2026-11-23 18:51:20.898991+00', 'queue waves>2026-11-25T10:51:20.898991Z digest', NULL, 1, 'Europe/Berlin', -39575269, NULL, NULL, NULL),
	(3, 21, 'merged', 'digest', 1, 0, '2026-11-23 18:51:20.898991+00', '2026-11-23 18:51:20.898991+00', 12, NULL, 2, '2026-11-23 18:51:20.898991+00', 'queue digest', NULL, 1, 'Europe/Berlin', -1275943113, NULL, NULL, NULL),
	(3, 24, 'merged', 'digest', 2, 0, '2026-11-23 18:51:20.898991+00', '2026-11-23 18:51:20.898991+00', 13, NULL, 2, '2026-11-23 18:51:20.898991+00', 'queue digest', NULL, 1, 'Europe/Berlin', -951019612, NULL, NULL, NULL),
	(3, 25, 'told', 'queue', 3, 0, '2026-11-23 18:51:20.898991+00', '2026-11-23 18:51:20.898991+00', 15, NULL, 2, '2026-11-23 18:51:20.898991+00', 'queue', NULL, 2, 'Europe/Berlin', -489139811, NULL, NULL, NULL),
	(3, 26, 'told', 'queue', 4, 0, '2026-11-23 18:51:20.898991+00', '2026-11-23 18:51:20.898991+00', 16, NULL, 2, '2026-11-23 18:51:20.898991+00', 'queue', NULL, 1, 'Europe/Berlin', 203045186, NULL, NULL, NULL),
	(3, 28, 'merged', 'digest', 5, 1, '2026-11-24 04:51:20.898991+00', '2026-11-24 04:51:20.898991+00', 18, NULL, 2, '2026-11-23 18:51:20.898991+00', 'queue waves>2026-11-24T04:51:20.898991Z digest', NULL, NULL, 'Europe/Berlin', -1154252391, NULL, NULL, NULL),
	(3, 29, 'told', 'queue', 6, 1, '2026-11-24 04:51:20.898991+00', '2026-11-24 04:51:20.898991+00', 21, NULL, 2, '2026-11-23 18:51:20.898991+00', 'queue waves>2026-11-24T04:51:20.898991Z', NULL, 1, 'Europe/Berlin', -502077479, NULL, NULL, NULL),
	(3, 30, 'told', 'queue', 7, 1, '2026-11-24 04:51:20.898991+00', '2026-11-24 04:51:20.898991+00', 22, NULL, 2, '2026-11-23 18:51:20.898991+00', 'queue waves>2026-11-24T04:51:20.898991Z', NULL, 2, 'Europe/Berlin', -1096391986, NULL, NULL, NULL),
	(3, 31, 'merged', 'digest', 8, 1, '2026-11-24 04:51:20.898991+00', '2026-11-24 04:51:20.898991+00', 20, NULL, 2, '2026-11-23 18:51:20.898991+00', 'queue waves>2026-11-24T04:51:20.898991Z digest', NULL, 1, 'Europe/Berlin', 1035714025, NULL, NULL, NULL),
	(3, 32, 'told', 'queue', 9, 2, '2026-11-24 14:51:20.898991+00', '2026-11-24 14:51:20.898991+00', 27, NULL, 2, '2026-11-23 18:51:20.898991+00', 'queue waves>2026-11-24T14:51:20.898991Z', NULL, 2, 'Europe/Berlin', 955082864, NULL, NULL, NULL),
	(3, 33, 'merged', 'digest', 10, 2, '2026-11-24 14:51:20.898991+00', '2026-11-24 14:51:20.898991+00', 23, NULL, 2, '2026-11-23 18:51:20.898991+00', 'queue waves>2026-11-24T14:51:20.898991Z digest', NULL, NULL, 'Europe/Berlin', -1493770897, NULL, NULL, NULL),
	(3, 34, 'merged', 'digest', 11, 2, '2026-11-24 14:51:20.898991+00', '2026-11-24 14:51:20.898991+00', 24, NULL, 2, '2026-11-23 18:51:20.898991+00', 'queue waves>2026-11-24T14:51:20.898991Z digest', NULL, 1, 'Europe/Berlin', -1456320521, NULL, NULL, NULL),
	(3, 35, 'told', 'queue', 12, 2, '2026-11-24 14:51:20.898991+00', '2026-11-24 14:51:20.898991+00', 28, NULL, 2, '2026-11-23 18:51:20.898991+00', 'queue waves>2026-11-24T14:51:20.898991Z', NULL, 2, 'Europe/Berlin', 1533775969, NULL, NULL, NULL),
	(3, 36, 'told', 'queue', 13, 3, '2026-11-25 00:51:20.898991+00', '2026-11-25 00:51:20.898991+00', 33, NULL, 2, '2026-11-23 18:51:20.898991+00', 'queue waves>2026-11-25T00:51:20.898991Z', NULL, 1, 'Europe/Berlin', -186000342, NULL, NULL, NULL),
	(3, 37, 'told', 'queue', 14, 3, '2026-11-25 00:51:20.898991+00', '2026-11-25 00:51:20.898991+00', 34, NULL, 2, '2026-11-23 18:51:20.898991+00', 'queue waves>2026-11-25T00:51:20.898991Z', NULL, 2, 'Europe/Berlin', -1762717154, NULL, NULL, NULL),
	(3, 38, 'merged', 'digest', 15, 3, '2026-11-25 00:51:20.898991+00', '2026-11-25 00:51:20.898991+00', 29, NULL, 2, '2026-11-23 18:51:20.898991+00', 'queue waves>2026-11-25T00:51:20.898991Z digest', NULL, NULL, 'Europe/Berlin', 457535372, NULL, NULL, NULL),
	(3, 39, 'merged', 'digest', 16, 3, '2026-11-25 00:51:20.898991+00', '2026-11-25 00:51:20.898991+00', 30, NULL, 2, '2026-11-23 18:51:20.898991+00', 'queue waves>2026-11-25T00:51:20.898991Z digest', NULL, 1, 'Europe/Berlin', -34248554, NULL, NULL, NULL),
	(3, 40, 'told', 'queue', 17, 4, '2026-11-25 10:51:20.898991+00', '2026-11-25 10:51:20.898991+00', 37, NULL, 2, '2026-11-23 18:51:20.898991+00', 'queue waves>2026-11-25T10:51:20.898991Z', NULL, 2, 'Europe/Berlin', -263004468, NULL, NULL, NULL),
	(3, 41, 'told', 'queue', 18, 4, '2026-11-25 10:51:20.898991+00', '2026-11-25 10:51:20.898991+00', 38, NULL, 2, '2026-11-23 18:51:20.898991+00', 'queue waves>2026-11-25T10:51:20.898991Z', NULL, 1, 'Europe/Berlin', 1223310602, NULL, NULL, NULL),
	(3, 43, 'merged', 'digest', 19, 4, '2026-11-25 10:51:20.898991+00', '2026-11-25 10:51:20.898991+00', 35, NULL, 2, '2026-11-23 18:51:20.898991+00', 'queue waves>2026-11-25T10:51:20.898991Z digest', NULL, NULL, 'Europe/Berlin', -1684436895, NULL, NULL, NULL),
	(3, 44, 'merged', 'digest', 20, 4, '2026-11-25 10:51:20.898991+00', '2026-11-25 10:51:20.898991+00', 36, NULL, 2, '2026-11-23 18:51:20.898991+00', 'queue waves>2026-11-25T10:51:20.898991Z digest', NULL, 1, 'Europe/Berlin', -39575269, NULL, NULL, NULL),
	(3, 45, 'told', 'queue', 21, 5, '2026-11-25 20:51:20.898991+00', '2026-11-25 20:51:20.898991+00', 39, NULL, 2, '2026-11-23 18:51:20.898991+00', 'queue waves>2026-11-25T20:51:20.898991Z', NULL, 2, 'Europe/Berlin', 638869683, NULL, NULL, NULL),
	(1, 91, 'merged', 'digest', 11, 0, '2026-11-23 18:51:21.291624+00', '2026-11-23 18:51:21.291624+00', 11, NULL, 2, '2026-11-23 18:51:21.291624+00', 'queue now>2026-11-23T18:51:21.291624Z digest', NULL, NULL, 'UTC', 142035343, '2026-11-23 18:51:20.686846+00', NULL, '1/2026-11-23/2026-11-23T18:51:20.333357Z/2026-11-23T18:51:20.333357Z 11/2026-11-23/2026-11-23T18:51:20.898991Z/2026-11-23T18:51:20.898991Z+'),
	(4, 56, 'merged', 'digest', 1, 0, '2026-11-23 18:51:21.291624+00', '2026-11-23 18:51:21.291624+00', 12, NULL, 2, '2026-11-23 18:51:21.291624+00', 'queue digest', NULL, 1, 'Europe/Berlin', -1275943113, NULL, NULL, '12/2026-11-23/2026-11-23T18:51:20.898991Z/2026-11-23T18:51:20.898991Z+'),
	(4, 57, 'told', 'queue', 2, 0, '2026-11-23 18:51:21.291624+00', '2026-11-23 18:51:21.291624+00', 40, NULL, 2, '2026-11-23 18:51:21.291624+00', 'queue', NULL, 2, 'Europe/Berlin', 1220688491, NULL, NULL, NULL),
	(4, 58, 'merged', 'digest', 3, 0, '2026-11-23 18:51:21.291624+00', '2026-11-23 18:51:21.291624+00', 15, NULL, 2, '2026-11-23 18:51:21.291624+00', 'queue digest', NULL, 2, 'Europe/Berlin', -489139811, NULL, NULL, '15/2026-11-23/2026-11-23T18:51:20.898991Z/2026-11-23T18:51:20.898991Z+'),
	(4, 59, 'merged', 'digest', 4, 1, '2026-11-24 04:51:21.291624+00', '2026-11-24 04:51:21.291624+00', 17, NULL, 2, '2026-11-23 18:51:21.291624+00', 'queue waves>2026-11-24T04:51:21.291624Z digest', NULL, 1, 'Europe/Berlin', 203045186, NULL, NULL, '16/2026-11-23/2026-11-23T18:51:20.898991Z/2026-11-23T18:51:20.898991Z+ 17/2026-11-24/2026-11-24T04:51:20.898991Z/2026-11-24T04:51:20.898991Z+'),
	(4, 61, 'merged', 'digest', 5, 1, '2026-11-24 04:51:21.291624+00', '2026-11-24 04:51:21.291624+00', 22, NULL, 2, '2026-11-23 18:51:21.291624+00', 'queue waves>2026-11-24T04:51:21.291624Z digest', NULL, 2, 'Europe/Berlin', -1096391986, NULL, NULL, '22/2026-11-24/2026-11-24T04:51:20.898991Z/2026-11-24T04:51:20.898991Z+'),
	(4, 62, 'merged', 'digest', 6, 1, '2026-11-24 04:51:21.291624+00', '2026-11-24 04:51:21.291624+00', 20, NULL, 2, '2026-11-23 18:51:21.291624+00', 'queue waves>2026-11-24T04:51:21.291624Z digest', NULL, 1, 'Europe/Berlin', 1035714025, NULL, NULL, '20/2026-11-24/2026-11-24T04:51:20.898991Z/2026-11-24T04:51:20.898991Z+'),
	(4, 63, 'merged', 'digest', 7, 2, '2026-11-24 14:51:21.291624+00', '2026-11-24 14:51:21.291624+00', 27, NULL, 2, '2026-11-23 18:51:21.291624+00', 'queue waves>2026-11-24T14:51:21.291624Z digest', NULL, 2, 'Europe/Berlin', 955082864, NULL, NULL, '27/2026-11-24/2026-11-24T14:51:20.898991Z/2026-11-24T14:51:20.898991Z+'),
	(4, 64, 'merged', 'digest', 8, 2, '2026-11-24 14:51:21.291624+00', '2026-11-24 14:51:21.291624+00', 28, NULL, 2, '2026-11-23 18:51:21.291624+00', 'queue waves>2026-11-24T14:51:21.291624Z digest', NULL, 2, 'Europe/Berlin', 1533775969, NULL, NULL, '28/2026-11-24/2026-11-24T14:51:20.898991Z/2026-11-24T14:51:20.898991Z+'),
	(4, 65, 'merged', 'digest', 9, 2, '2026-11-24 14:51:21.291624+00', '2026-11-24 14:51:21.291624+00', 26, NULL, 2, '2026-11-23 18:51:21.291624+00', 'queue waves>2026-11-24T14:51:21.291624Z digest', NULL, 1, 'Europe/Berlin', -186000342, NULL, NULL, '26/2026-11-24/2026-11-24T14:51:20.898991Z/2026-11-24T14:51:20.898991Z+ 33/2026-11-25/2026-11-25T00:51:20.898991Z/2026-11-25T00:51:20.898991Z+'),
	(4, 66, 'merged', 'digest', 10, 3, '2026-11-25 00:51:21.291624+00', '2026-11-25 00:51:21.291624+00', 34, NULL, 2, '2026-11-23 18:51:21.291624+00', 'queue waves>2026-11-25T00:51:21.291624Z digest', NULL, 2, 'Europe/Berlin', -1762717154, NULL, NULL, '34/2026-11-25/2026-11-25T00:51:20.898991Z/2026-11-25T00:51:20.898991Z+'),
	(4, 67, 'told', 'queue', 11, 3, '2026-11-25 00:51:21.291624+00', '2026-11-25 00:51:21.291624+00', 41, NULL, 2, '2026-11-23 18:51:21.291624+00', 'queue waves>2026-11-25T00:51:21.291624Z', NULL, 2, 'Europe/Berlin', -263004468, NULL, NULL, '37/2026-11-25/2026-11-25T10:51:20.898991Z/2026-11-25T10:51:20.898991Z+'),
	(4, 68, 'merged', 'digest', 12, 3, '2026-11-25 00:51:21.291624+00', '2026-11-25 00:51:21.291624+00', 32, NULL, 2, '2026-11-23 18:51:21.291624+00', 'queue waves>2026-11-25T00:51:21.291624Z digest', NULL, 1, 'Europe/Berlin', 1223310602, NULL, NULL, '32/2026-11-25/2026-11-25T00:51:20.898991Z/2026-11-25T00:51:20.898991Z+ 38/2026-11-25/2026-11-25T10:51:20.898991Z/2026-11-25T10:51:20.898991Z+'),
	(4, 69, 'told', 'queue', 13, 4, '2026-11-25 10:51:21.291624+00', '2026-11-25 10:51:21.291624+00', 42, NULL, 2, '2026-11-23 18:51:21.291624+00', 'queue waves>2026-11-25T10:51:21.291624Z', NULL, 2, 'Europe/Berlin', 1221329619, NULL, NULL, NULL),
	(4, 70, 'told', 'queue', 14, 4, '2026-11-25 10:51:21.291624+00', '2026-11-25 10:51:21.291624+00', 43, NULL, 2, '2026-11-23 18:51:21.291624+00', 'queue waves>2026-11-25T10:51:21.291624Z', NULL, 2, 'Europe/Berlin', 638869683, NULL, NULL, '39/2026-11-25/2026-11-25T20:51:20.898991Z/2026-11-25T20:51:20.898991Z+');
INSERT INTO restock.delivery_attempt (notification_key, attempt_number, outcome, provider_code, provider_message, started_at, finished_at, sender) VALUES
	(2, 1, 'permanent', '550', '5.1.1 nobody of that name', '2026-11-23 18:51:20.622705+00', '2026-11-23 18:51:20.68845+00', 'test/87451007770c5948/0'),
	(3, 1, 'permanent', '554', '5.6.0 not that', '2026-11-23 18:51:20.622705+00', '2026-11-23 18:51:20.688598+00', 'test/87451007770c5948/0'),
	(1, 1, 'accepted', '250', 'taken', '2026-11-23 18:51:20.622705+00', '2026-11-23 18:51:20.686846+00', 'test/87451007770c5948/0'),
	(4, 1, 'accepted', '250', 'taken', '2026-11-23 18:51:20.622705+00', '2026-11-23 18:51:20.692421+00', 'test/87451007770c5948/0'),
	(5, 1, 'accepted', '250', 'taken', '2026-11-23 18:51:20.622705+00', '2026-11-23 18:51:20.694519+00', 'test/87451007770c5948/0'),
	(6, 1, 'accepted', '250', 'taken', '2026-11-23 18:51:20.622705+00', '2026-11-23 18:51:20.696646+00', 'test/87451007770c5948/0'),
	(7, 1, 'accepted', '250', 'taken', '2026-11-23 18:51:20.622705+00', '2026-11-23 18:51:20.698777+00', 'test/87451007770c5948/0'),
	(8, 1, 'accepted', '250', 'taken', '2026-11-23 18:51:20.622705+00', '2026-11-23 18:51:20.700746+00', 'test/87451007770c5948/0'),
	(9, 1, 'accepted', '250', 'taken', '2026-11-23 18:51:20.622705+00', '2026-11-23 18:51:20.702856+00', 'test/87451007770c5948/0'),
	(10, 1, 'accepted', '250', 'taken', '2026-11-23 18:51:20.622705+00', '2026-11-23 18:51:20.704897+00', 'test/87451007770c5948/0');
INSERT INTO restock.departure (leased_by, notification_keys, begun_at) VALUES
	('a dead sender', '{12}', '2026-11-23 18:51:21.412439+00');
INSERT INTO restock.gate (gate_id, gate, feed, scope, severity, clears, debug_value, since, checked_at, released_at, released_by) OVERRIDING SYSTEM VALUE VALUES
	(1, 'freshness', 'inventory', 'feed', 'warn', 'by itself', 'no file for 30 hours', '2026-11-23 18:51:21.525689+00', '2026-11-23 18:51:21.525689+00', NULL, NULL);
INSERT INTO restock.policy (policy_id, settings, changed, valid_from, previous) OVERRIDING SYSTEM VALUE VALUES
	(1, '{"paused": false, "in_doubt": "resend", "priority": "fifo", "daily_cap": 0, "overrides": {"store": {"berlin": {"double_opt_in": true}}}, "quiet_hours": "", "min_quantity": 1, "double_opt_in": false, "cooldown_hours": 0, "holdout_percent": 0.0, "max_delay_hours": 72, "notify_per_unit": 0.0, "rate_per_minute": {"email": 6000}, "default_timezone": "UTC", "request_ttl_days": 90, "max_restock_share": 0.5, "digest_window_minutes": 60, "wave_interval_minutes": 30, "max_snapshot_age_hours": 48}', '{min_quantity,notify_per_unit,wave_interval_minutes,quiet_hours,default_timezone,digest_window_minutes,daily_cap,max_delay_hours,priority,request_ttl_days,cooldown_hours,holdout_percent,max_snapshot_age_hours,double_opt_in,rate_per_minute,max_restock_share,paused,in_doubt,overrides}', '2026-11-23 18:51:20.285047+00', '{}'),
	(2, '{"paused": false, "in_doubt": "resend", "priority": "fifo", "daily_cap": 2, "overrides": {"store": {"berlin": {"double_opt_in": true}}}, "quiet_hours": "", "min_quantity": 1, "double_opt_in": false, "cooldown_hours": 0, "holdout_percent": 0.0, "max_delay_hours": 72, "notify_per_unit": 1.0, "rate_per_minute": {"email": 6000}, "default_timezone": "UTC", "request_ttl_days": 90, "max_restock_share": 0.5, "digest_window_minutes": 60, "wave_interval_minutes": 600, "max_snapshot_age_hours": 48}', '{notify_per_unit,wave_interval_minutes,daily_cap}', '2026-11-23 18:51:20.899248+00', '{"daily_cap": 0, "notify_per_unit": 0.0, "wave_interval_minutes": 30}');
INSERT INTO restock.episode (episode_id, store_id, product_id, quantity, opened_at, closed_at, held_since, held_reason, last_position, policy_id, notify_per_unit, wave_evidence, gate_id, released_at, released_by, released_hold_since, released_hold_reason, snapshot_at) OVERRIDING SYSTEM VALUE VALUES
	(2, 'main', 'chair', 4, '2026-11-23 18:51:20.898991+00', NULL, NULL, NULL, 18, 2, 1.0, NULL, NULL, NULL, NULL, NULL, NULL, '2026-11-23 18:51:20.855054+00'),
	(3, 'main', 'desk', 4, '2026-11-23 18:51:20.898991+00', '2026-11-23 18:51:21.091656+00', NULL, NULL, 21, 2, 1.0, NULL, NULL, NULL, NULL, NULL, NULL, '2026-11-23 18:51:20.855068+00'),
	(1, 'main', 'lamp', 40, '2026-11-23 18:51:20.333357+00', NULL, NULL, NULL, 11, 1, 0.0, NULL, NULL, NULL, NULL, NULL, NULL, '2026-11-23 18:51:20.302296+00'),
	(4, 'main', 'sofa', 3, '2026-11-23 18:51:21.291624+00', NULL, NULL, NULL, 14, 2, 1.0, NULL, NULL, NULL, NULL, NULL, NULL, '2026-11-23 18:51:21.261951+00'),
	(5, 'main', 'vase', 5, '2026-11-23 18:51:21.44105+00', NULL, NULL, NULL, 5, 2, 1.0, NULL, NULL, NULL, NULL, NULL, NULL, '2026-11-23 18:51:21.413551+00');
INSERT INTO restock.erased_name (name_hash, erased_at) VALUES
	('\xb8c1944e4dc8cf291fbfc10145b65bc1156af4d3d7746b35ef801cb35737762e', '2026-11-23 18:51:21.535408+00'),
	('\x2ed5870b5cb0a65205750eefda86d74e5284b943f01164328c0090fd6299199e', '2026-11-23 18:51:21.535408+00'),
	('\x0553dc0cdc8f6ad72d03d9f1abb57f6b9928fb00f961fcbbec488dfebc32cb2a', '2026-11-23 18:51:21.535408+00');
INSERT INTO restock.erasure (erasure_id, asked_hash, asked_by, asked_at, done_at, shopper_count, counts) VALUES
	('ae5ad089-4991-491c-a22a-7d73ecc2c887', '\xb8c1944e4dc8cf291fbfc10145b65bc1156af4d3d7746b35ef801cb35737762e', 'fill', '2026-11-23 18:51:21.530367+00', '2026-11-23 18:51:21.545979+00', 1, '{"inbox": 0, "breaker": 0, "request": 2, "customer": 1, "decision": 0, "purchase": 0, "feed_file": 0, "suppression": 0, "cancellation": 0, "confirmation": 0, "notification": 0, "rejected_row": 0, "console_action": 0, "joined_request": 1, "requests_ended": 0, "idempotency_key": 0, "delivery_attempt": 0, "messages_cancelled": 0, "unconfirmed_request": 0}');
INSERT INTO restock.erasure_key (only_one, inner_key, outer_key) VALUES
	(true, '\xb55de1196e784d06bec5d474b7fc21c4c10faa3e735e458792bb3aa73014511e7acdbca0d6ca4c2d98e3d5737fdc62cf3844d5c4fbbf4c628f756b8ebe73dfd2', '\x36bb3179e597433f9f9e250a94585d3d81b3a425f4254000ba27e76bd329c56b225068affce5497fa0adbb176f1eed3f7ea227cad9354327be77b3d04936784e');
INSERT INTO restock.feed_file (feed_file_id, feed, path, byte_size, modified_at, content_hash, status, reason, read_count, loaded_count, rejected_count, duplicate_count, stale_count, unchanged_count, unknown_columns, run_id, recorded_at, origin, header_text) OVERRIDING SYSTEM VALUE VALUES
	(1, 'products', 'products/001.csv', 299, '1970-01-01 00:00:01+00', '72cb3e13bacf27234a2a2f43b5f0809537c292d2ebb93a194f264463ebeeb91b', 'loaded', NULL, 6, 6, 0, 0, 0, 0, '{}', 'fill', '2026-11-23 18:51:19.783084+00', 'file', 'product_id,name,price,currency,url'),
	(2, 'customers', 'customers/002.csv', 2014, '1970-01-01 00:00:02+00', 'fa7bd3bab52095fb0a1512a362e54155c2069277a949708e6bbfcc7d3be869c8', 'loaded', NULL, 30, 30, 0, 0, 0, 0, '{}', 'fill', '2026-11-23 18:51:19.800724+00', 'file', 'user_id,email,timezone,tier,phone'),
	(3, 'inventory', 'inventory/003.csv', 282, '1970-01-01 00:00:03+00', '71770095c0428882ff94daae845a6fbad52a74bf7040c92c1d18ca83cdafbc7c', 'loaded', NULL, 6, 6, 0, 0, 0, 0, '{}', 'fill', '2026-11-23 18:51:19.879541+00', 'file', 'product_id,available_quantity,snapshot_at'),
	(4, 'requests', 'requests/004.csv', 5381, '1970-01-01 00:00:04+00', '3a7e3044fb2756fbc8de69b32bdbb72abf02deac280025a57cc956075b38e051', 'loaded', NULL, 75, 75, 0, 0, 0, 0, '{}', 'fill', '2026-11-23 18:51:19.893998+00', 'file', 'request_id,user_id,product_id,requested_at,surface,contact'),
	(5, 'requests', 'requests/005.csv', 1000, '1970-01-01 00:00:05+00', '8c6348ec476b151e0899f240239d603780cd273dded90122fcb6793a3b76fc0c', 'loaded', NULL, 12, 0, 0, 12, 0, 0, '{}', 'fill', '2026-11-23 18:51:19.943705+00', 'file', 'request_id,user_id,product_id,requested_at,surface,contact'),
	(6, 'requests', 'requests/006.csv', 400, '1970-01-01 00:00:06+00', 'c0ef08c014336aeba6874fd6515d9bc81db5f646d9f68d18ef4705438e898e3d', 'loaded', NULL, 4, 4, 0, 0, 0, 0, '{}', 'fill', '2026-11-23 18:51:19.992103+00', 'file', 'request_id,user_id,product_id,requested_at,surface,contact,action'),
	(7, 'requests', 'requests/007.csv', 139, '1970-01-01 00:00:07+00', 'baef408b77d80b415443b17016dec09da4994c4ff8126e3108624b606d94b86c', 'loaded', NULL, 1, 1, 0, 0, 0, 0, '{}', 'fill', '2026-11-23 18:51:20.039672+00', 'file', 'request_id,user_id,product_id,requested_at,surface,contact,action'),
	(8, 'requests', 'requests/008.csv', 116, '1970-01-01 00:00:08+00', 'e227df5aa60e138a4e70597aa2e2a577a5b186a21378fccea42d84880dccb4d9', 'loaded', NULL, 1, 1, 0, 0, 0, 0, '{}', 'fill', '2026-11-23 18:51:20.085562+00', 'file', 'request_id,user_id,product_id,requested_at,surface,contact'),
	(9, 'requests', 'requests/009.csv', 215, '1970-01-01 00:00:09+00', 'c1af33607d53d72db3c6ab94458c7559717f408db5dace6fcfdb8882c2616680', 'loaded', NULL, 2, 0, 2, 0, 0, 0, '{}', 'fill', '2026-11-23 18:51:20.131397+00', 'file', 'request_id,user_id,product_id,requested_at,surface,contact,timezone'),
	(10, 'suppressions', 'suppressions/010.csv', 62, '1970-01-01 00:00:10+00', 'b8be3087c46f89e70d71daee1872a72e979555f8c2282901eade886d9bc20763', 'loaded', NULL, 1, 1, 0, 0, 0, 0, '{}', 'fill', '2026-11-23 18:51:20.177541+00', 'file', 'channel,contact,reason'),
	(11, 'requests', 'requests/broken.parquet', 24, '1970-01-01 00:00:11+00', NULL, 'failed', 'The file cannot be read as Parquet (Parquet magic bytes not found in footer. Either the file is corrupted or this is not a parquet file): deliver it again, whole.', 0, 0, 0, 0, 0, 0, '{}', 'fill', '2026-11-23 18:51:20.190217+00', 'file', NULL),
	(12, 'requests', 'inbox/requests/1-1', 172, '2026-11-23 18:51:20.216515+00', 'fb3748fa2b72491538edceef12bebea8d135ced1f69b4a0830bb10c4729d04a7', 'loaded', NULL, 1, 1, 0, 0, 0, 0, '{}', 'fill', '2026-11-23 18:51:20.2308+00', 'inbox', NULL),
	(13, 'inventory', 'inventory/012.csv', 83, '1970-01-01 00:00:12+00', 'f4b4414de44ca1d110022a45b4ad1ba8fe8d9e7228276b4e0184a4ac4a30c65a', 'loaded', NULL, 1, 1, 0, 0, 0, 0, '{}', 'fill', '2026-11-23 18:51:20.31299+00', 'file', 'product_id,available_quantity,snapshot_at'),
	(14, 'orders', 'orders/013.csv', 278, '1970-01-01 00:00:13+00', '5abe53bfc774780a79e77576636a76f7856fd408d09915d04e566278e45aec76', 'loaded', NULL, 4, 4, 0, 0, 0, 0, '{}', 'fill', '2026-11-23 18:51:20.865765+00', 'file', 'order_id,user_id,product_id,ordered_at,amount'),
	(15, 'inventory', 'inventory/014.csv', 123, '1970-01-01 00:00:14+00', 'f415e455d5cf06916b64dc2efd137cf42bd10ca9fc3d1fd600a6852272fa0a50', 'loaded', NULL, 2, 2, 0, 0, 0, 0, '{}', 'fill', '2026-11-23 18:51:20.881866+00', 'file', 'product_id,available_quantity,snapshot_at'),
	(16, 'inventory', 'inventory/015.csv', 82, '1970-01-01 00:00:15+00', 'eee9e461751656dbca8304a9576583f2faa1b1a78908a9296a2a1c8b309a8ca9', 'loaded', NULL, 1, 1, 0, 0, 0, 0, '{}', 'fill', '2026-11-23 18:51:21.071646+00', 'file', 'product_id,available_quantity,snapshot_at'),
	(17, 'requests', 'replay/fill/requests/009.csv#1', 127, '2026-11-23 18:51:21.192401+00', '1c215ac0e7e014531318c438cec8224b7f9adcfe46505aa4831607df17dc6922', 'loaded', NULL, 2, 1, 0, 1, 0, 0, '{}', 'fill', '2026-11-23 18:51:21.2006+00', 'replay', 'request_id,user_id,product_id,requested_at,surface,contact,timezone'),
	(18, 'inventory', 'inventory/016.csv', 82, '1970-01-01 00:00:16+00', '1f03c44b630259ae490bfff156305ca899cdfa96140ef02d2a4fbc7eec25b293', 'loaded', NULL, 1, 1, 0, 0, 0, 0, '{}', 'fill', '2026-11-23 18:51:21.272801+00', 'file', 'product_id,available_quantity,snapshot_at'),
	(19, 'inventory', 'inventory/017.csv', 82, '1970-01-01 00:00:17+00', '2d8906a6d3e9a0c8cc0428dc8c902bc0ee576b4601484f107abd57740296d87e', 'loaded', NULL, 1, 1, 0, 0, 0, 0, '{}', 'fill', '2026-11-23 18:51:21.423228+00', 'file', 'product_id,available_quantity,snapshot_at');
INSERT INTO restock.figure (name, tags, total) VALUES
	('restock.messages_sent', '{"channel": "email"}', 7);
INSERT INTO restock.figure_mark (is_only, counted_until) VALUES
	(true, '2026-11-23 18:51:18.96448+00');
INSERT INTO restock.heartbeat (name, beat_at) VALUES
	('restock_notify', '2026-11-23 18:51:21.525689+00');
INSERT INTO restock.idempotency_key (api_key_id, route, idempotency_key, body_hash, answer, answered_at) VALUES
	(1, '/v1/requests', 'k-1', '\x9061ab0a4b65c6a70bc62afc3d49ec8d24be46c10cde0cfd1e26b4209796c3b2', '{"status": "accepted", "request_id": "web/1"}', '2026-11-23 18:51:20.216515+00');
INSERT INTO restock.inbox (inbox_id, feed, line, client, received_at) OVERRIDING SYSTEM VALUE VALUES
	(1, 'requests', '{"request_id":"web/1","user_id":"web-1","product_id":"lamp","requested_at":"2026-11-23T18:51:20.213719+00:00","channel":"email","contact":"web@example.com","surface":"web"}', 'shop', '2026-11-23 18:51:20.216515+00'),
	(2, 'requests', '{"request_id":"web/2","user_id":"web-1","product_id":"rug","requested_at":"2026-11-23T18:51:21.516444+00:00","channel":"email","contact":"web@example.com","surface":"web"}', 'shop', '2026-11-23 18:51:21.517733+00'),
	(3, 'suppressions', '{"channel":"email","contact":"web@example.com","reason":"unsubscribe"}', 'warehouse', '2026-11-23 18:51:21.522912+00');
INSERT INTO restock.inbox_pending (feed, inbox_id, request_id, user_id) VALUES
	('requests', 2, 'web/2', 'web-1'),
	('suppressions', 3, NULL, NULL);
INSERT INTO restock.intake_count (scope, subject, began_at, request_count) VALUES
	('client', '\x211abc56c5f0f3fa1c73e7cc122f9609', '2026-11-23 18:50:00+00', 1),
	('contact', '\xdb8da3bd98c914682e36204d571f9c4a', '2026-11-23 18:00:00+00', 1),
	('product', '\x5b7d3d6f2b89a945222ce0db3491d48b', '2026-11-23 18:51:00+00', 1);
INSERT INTO restock.intake_limit (scope, most, per_seconds) VALUES
	('contact', 20, 3600),
	('client', 60, 600),
	('product', 1000, 60);
INSERT INTO restock.inventory (store_id, product_id, location_id, available_quantity, orderable, snapshot_at, feed_file_id) VALUES
	('main', 'rug', 'main', 0, true, '2026-11-23 17:51:19.767013+00', 3),
	('main', 'lamp', 'main', 40, true, '2026-11-23 18:51:20.302296+00', 13),
	('main', 'chair', 'main', 4, true, '2026-11-23 18:51:20.855054+00', 15),
	('main', 'desk', 'main', 0, true, '2026-11-23 18:51:21.060149+00', 16),
	('main', 'sofa', 'main', 3, true, '2026-11-23 18:51:21.261951+00', 18),
	('main', 'vase', 'main', 5, true, '2026-11-23 18:51:21.413551+00', 19);
INSERT INTO restock.request (request_key, request_id, user_id, store_id, product_id, channel, contact, surface, locale, timezone, quantity, requested_at, feed_file_id, recorded_at, joined_contacts) OVERRIDING SYSTEM VALUE VALUES
	(1, 'shopper-00/chair', 'shopper-00', 'main', 'chair', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:01:19.76773+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(2, 'shopper-01/chair', 'shopper-01', 'main', 'chair', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:02:19.767735+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(3, 'shopper-03/chair', 'shopper-03', 'main', 'chair', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:04:19.767753+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(5, 'shopper-06/chair', 'shopper-06', 'main', 'chair', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:07:19.767773+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(6, 'shopper-07/chair', 'shopper-07', 'main', 'chair', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:08:19.767775+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(7, 'shopper-09/chair', 'shopper-09', 'main', 'chair', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:10:19.767789+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(8, 'shopper-10/chair', 'shopper-10', 'main', 'chair', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:11:19.767794+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(9, 'shopper-12/chair', 'shopper-12', 'main', 'chair', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:13:19.767814+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(10, 'shopper-13/chair', 'shopper-13', 'main', 'chair', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:14:19.767816+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(11, 'shopper-15/chair', 'shopper-15', 'main', 'chair', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:16:19.76783+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(12, 'shopper-16/chair', 'shopper-16', 'main', 'chair', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:17:19.767835+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(13, 'shopper-18/chair', 'shopper-18', 'main', 'chair', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:19:19.76785+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(14, 'shopper-19/chair', 'shopper-19', 'main', 'chair', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:20:19.767852+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(15, 'shopper-21/chair', 'shopper-21', 'main', 'chair', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:22:19.767868+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(16, 'shopper-22/chair', 'shopper-22', 'main', 'chair', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:23:19.767872+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(17, 'shopper-24/chair', 'shopper-24', 'main', 'chair', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:25:19.767889+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(18, 'shopper-25/chair', 'shopper-25', 'main', 'chair', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:26:19.767891+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(19, 'shopper-27/chair', 'shopper-27', 'main', 'chair', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:28:19.767915+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(20, 'shopper-28/chair', 'shopper-28', 'main', 'chair', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:29:19.767925+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(21, 'shopper-01/desk', 'shopper-01', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:02:19.767738+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(22, 'shopper-02/desk', 'shopper-02', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:03:19.767745+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(23, 'shopper-03/desk', 'shopper-03', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:04:19.767755+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(24, 'shopper-04/desk', 'shopper-04', 'main', 'desk', 'email', 'home@example.com', 'app', NULL, NULL, 1, '2026-11-23 18:05:19.76776+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(25, 'shopper-05/desk', 'shopper-05', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:06:19.767763+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(26, 'shopper-07/desk', 'shopper-07', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:08:19.767778+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(28, 'shopper-09/desk', 'shopper-09', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:10:19.767792+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(29, 'shopper-10/desk', 'shopper-10', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:11:19.767796+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(30, 'shopper-11/desk', 'shopper-11', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:12:19.767799+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(31, 'shopper-13/desk', 'shopper-13', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:14:19.767818+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(32, 'shopper-14/desk', 'shopper-14', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:15:19.767823+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(33, 'shopper-15/desk', 'shopper-15', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:16:19.767833+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(34, 'shopper-16/desk', 'shopper-16', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:17:19.767838+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(35, 'shopper-17/desk', 'shopper-17', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:18:19.76784+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(36, 'shopper-19/desk', 'shopper-19', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:20:19.767854+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(37, 'shopper-20/desk', 'shopper-20', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:21:19.76786+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(38, 'shopper-21/desk', 'shopper-21', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:22:19.76787+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(39, 'shopper-22/desk', 'shopper-22', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:23:19.767876+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(40, 'shopper-23/desk', 'shopper-23', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:24:19.767878+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(41, 'shopper-25/desk', 'shopper-25', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:26:19.767894+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(42, 'shopper-26/desk', 'shopper-26', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:27:19.7679+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(43, 'shopper-27/desk', 'shopper-27', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:28:19.76792+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(44, 'shopper-28/desk', 'shopper-28', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:29:19.767929+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(45, 'shopper-29/desk', 'shopper-29', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:30:19.767933+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(48, 'shopper-06/lamp', 'shopper-06', 'main', 'lamp', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:07:19.76777+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(49, 'shopper-09/lamp', 'shopper-09', 'main', 'lamp', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:10:19.767787+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(50, 'shopper-12/lamp', 'shopper-12', 'main', 'lamp', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:13:19.767812+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(51, 'shopper-15/lamp', 'shopper-15', 'main', 'lamp', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:16:19.767828+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(52, 'shopper-18/lamp', 'shopper-18', 'main', 'lamp', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:19:19.767848+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(53, 'shopper-21/lamp', 'shopper-21', 'main', 'lamp', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:22:19.767865+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(54, 'shopper-24/lamp', 'shopper-24', 'main', 'lamp', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:25:19.767887+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(55, 'shopper-27/lamp', 'shopper-27', 'main', 'lamp', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:28:19.767911+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(56, 'shopper-01/sofa', 'shopper-01', 'main', 'sofa', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:02:19.76774+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(57, 'shopper-02/sofa', 'shopper-02', 'main', 'sofa', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:03:19.767748+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(58, 'shopper-05/sofa', 'shopper-05', 'main', 'sofa', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:06:19.767765+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(59, 'shopper-07/sofa', 'shopper-07', 'main', 'sofa', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:08:19.76778+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(61, 'shopper-11/sofa', 'shopper-11', 'main', 'sofa', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:12:19.767801+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(62, 'shopper-13/sofa', 'shopper-13', 'main', 'sofa', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:14:19.76782+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(63, 'shopper-14/sofa', 'shopper-14', 'main', 'sofa', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:15:19.767825+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(64, 'shopper-17/sofa', 'shopper-17', 'main', 'sofa', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:18:19.767843+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(65, 'shopper-19/sofa', 'shopper-19', 'main', 'sofa', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:20:19.767856+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(27, 'erased-957b4086-caad-4a8d-9689-dcdbcd7bf547-000001', 'erased-957b4086-caad-4a8d-9689-dcdbcd7bf547', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:09:19.767783+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(60, 'erased-957b4086-caad-4a8d-9689-dcdbcd7bf547-000002', 'erased-957b4086-caad-4a8d-9689-dcdbcd7bf547', 'main', 'sofa', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:09:19.767785+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(66, 'shopper-20/sofa', 'shopper-20', 'main', 'sofa', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:21:19.767863+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(67, 'shopper-23/sofa', 'shopper-23', 'main', 'sofa', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:24:19.76788+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(68, 'shopper-25/sofa', 'shopper-25', 'main', 'sofa', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:26:19.767896+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(69, 'shopper-26/sofa', 'shopper-26', 'main', 'sofa', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:27:19.767907+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(70, 'shopper-29/sofa', 'shopper-29', 'main', 'sofa', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:30:19.767937+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(71, 'shopper-05/vase', 'shopper-05', 'main', 'vase', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:06:19.767768+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(72, 'shopper-11/vase', 'shopper-11', 'main', 'vase', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:12:19.767807+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(73, 'shopper-17/vase', 'shopper-17', 'main', 'vase', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:18:19.767845+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(74, 'shopper-23/vase', 'shopper-23', 'main', 'vase', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:24:19.767882+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(75, 'shopper-29/vase', 'shopper-29', 'main', 'vase', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:30:19.767941+00', 4, '2026-11-23 18:51:19.893998+00', NULL),
	(46, 'shopper-00/lamp', 'shopper-00', 'main', 'lamp', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:01:19.767707+00', 4, '2026-11-23 18:51:19.893998+00', '{"shopper-00/lamp/again": "work@example.com"}'),
	(47, 'shopper-03/lamp', 'shopper-03', 'main', 'lamp', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 18:04:19.767751+00', 4, '2026-11-23 18:51:19.893998+00', '{"shopper-03/lamp/again": "Second.Home@example.com"}'),
	(4, 'shopper-04/chair', 'shopper-04', 'main', 'chair', 'email', 'home@example.com', 'app', NULL, NULL, 1, '2026-11-23 18:05:19.767758+00', 4, '2026-11-23 18:51:19.893998+00', '{"anywhere": null}'),
	(88, 'old', 'shopper-00', 'main', 'rug', 'email', NULL, 'app', NULL, NULL, 1, '2026-08-15 18:51:19.769625+00', 8, '2026-11-23 18:51:20.085562+00', NULL),
	(89, 'web/1', 'web-1', 'main', 'lamp', 'email', 'web@example.com', 'web', NULL, NULL, 1, '2026-11-23 18:51:20.213719+00', 12, '2026-11-23 18:51:20.2308+00', NULL),
	(91, 'bad-0', 'shopper-00', 'main', 'lamp', 'email', NULL, 'app', NULL, 'UTC', 1, '2026-11-23 18:01:19.767707+00', 17, '2026-11-23 18:51:21.2006+00', NULL);
INSERT INTO restock.joined_request (request_id, request_key, surface, locale, timezone, quantity, requested_at, feed_file_id) VALUES
	('anywhere', 4, 'web', NULL, NULL, 1, '2026-11-23 18:42:19.767985+00', 5),
	('shopper-28/chair/again', 20, 'web', NULL, NULL, 1, '2026-11-23 18:42:19.768134+00', 5),
	('shopper-14/desk/again', 32, 'web', NULL, NULL, 1, '2026-11-23 18:42:19.768049+00', 5),
	('shopper-17/desk/again', 35, 'web', NULL, NULL, 1, '2026-11-23 18:42:19.768064+00', 5),
	('shopper-22/desk/again', 39, 'web', NULL, NULL, 1, '2026-11-23 18:42:19.768099+00', 5),
	('shopper-25/desk/again', 41, 'web', NULL, NULL, 1, '2026-11-23 18:42:19.768114+00', 5),
	('shopper-00/lamp/again', 46, 'web', NULL, NULL, 1, '2026-11-23 18:42:19.767949+00', 5),
	('shopper-03/lamp/again', 47, 'web', NULL, NULL, 1, '2026-11-23 18:42:19.767977+00', 5),
	('shopper-11/sofa/again', 61, 'web', NULL, NULL, 1, '2026-11-23 18:42:19.768031+00', 5),
	('shopper-19/sofa/again', 65, 'web', NULL, NULL, 1, '2026-11-23 18:42:19.768081+00', 5),
	('shopper-05/vase/again', 71, 'web', NULL, NULL, 1, '2026-11-23 18:42:19.767997+00', 5),
	('bad-1', 1, 'app', NULL, 'UTC', 1, '2026-11-23 18:01:19.76773+00', 17),
	('erased-957b4086-caad-4a8d-9689-dcdbcd7bf547-000003', 60, 'web', NULL, NULL, 1, '2026-11-23 18:42:19.768014+00', 5);
INSERT INTO restock.kept_from (family, first_key, kept_since, moved_at) VALUES
	('notification', 1, '2025-10-19 18:51:21.525689+00', '2026-11-23 18:51:21.525689+00');
INSERT INTO restock.key_growth (drawn_for, noted_on, next_key) VALUES
	('request', '2026-11-23', 1),
	('notification', '2026-11-23', 1),
	('inbox', '2026-11-23', 1);
INSERT INTO restock.link_visit (notification_key, link, visited_at) VALUES
	(10, 1, '2026-11-23 18:51:20.761851+00'),
	(4, 1, '2026-11-23 18:51:20.793042+00'),
	(6, 1, '2026-11-23 18:51:20.821964+00'),
	(8, 1, '2026-11-23 18:51:20.851722+00');
INSERT INTO restock.mart_delivery (channel, hour, attempt_count, sent_count, retryable_count, permanent_count, in_doubt_count, dead_count, busiest_minute_count, suppression_count) VALUES
	('email', '2026-11-23 18:00:00+00', 10, 8, 0, 2, 0, 2, 8, 4),
	('sms', '2026-11-23 18:00:00+00', 0, 0, 0, 0, 0, 0, 0, 1),
	('email', '2025-07-11 18:51:21.525689+00', 2, 1, 1, 0, 0, 0, 1, 1);
INSERT INTO restock.mart_demand (store_id, product_id, waiting_requests, waiting_shoppers, waiting_units, oldest_requested_at, median_requested_at, expired_requests, expired_units, measured_messages, conversion) VALUES
	('main', 'chair', 18, 18, 18, '2026-11-23 18:01:19.76773+00', '2026-11-23 18:16:19.76783+00', 0, 0, 0, 0.0500),
	('main', 'desk', 21, 21, 21, '2026-11-23 18:02:19.767738+00', '2026-11-23 18:17:19.767838+00', 0, 0, 0, 0.0500),
	('main', 'lamp', 2, 2, 2, '2026-11-23 18:01:19.767707+00', '2026-11-23 18:01:19.767707+00', 2, 3, 0, 0.0500),
	('main', 'sofa', 14, 14, 14, '2026-11-23 18:02:19.76774+00', '2026-11-23 18:15:19.767825+00', 0, 0, 0, 0.0500),
	('main', 'vase', 5, 5, 5, '2026-11-23 18:06:19.767768+00', '2026-11-23 18:18:19.767845+00', 0, 0, 0, 0.0500),
	('main', 'rug', 0, 0, 0, NULL, NULL, 1, 1, 0, 0.0500);
INSERT INTO restock.mart_effect (policy_id, decided_count, sent_count, pending_count, told_count, told_bought_count, held_out_count, held_out_bought_count) VALUES
	(1, 10, 8, 10, 0, 0, 0, 0),
	(2, 59, 4, 54, 3, 2, 1, 1);
INSERT INTO restock.mart_episode (episode_id, asked_count, asked_units, told_count, held_back_count, sent_count, clicked_count, bought_count, bought_units) VALUES
	(3, 21, 21, 21, 0, 0, 0, 0, 0),
	(4, 14, 14, 14, 0, 0, 0, 0, 0),
	(2, 18, 18, 18, 0, 0, 0, 0, 0),
	(1, 16, 17, 15, 1, 11, 7, 4, 4);
INSERT INTO restock.mart_funnel (store_id, request_day, request_count, available_count, scheduled_count, sent_count, clicked_count, bought_count, bought_without_click_count) VALUES
	('main', '2026-11-23', 77, 69, 64, 8, 5, 3, 1),
	('main', '2026-08-15', 1, 0, 0, 0, 0, 0, 0),
	('main', '2025-07-11', 6, 5, 4, 3, 2, 1, 0);
INSERT INTO restock.mart_latency (wave, channel, item_count, snapshot_count, snapshot_to_decision, snapshot_to_acceptance, opening_to_decision, decision_to_acceptance, opening_to_acceptance, due_to_acceptance) VALUES
	(0, 'email', 8, 8, '{0.031061,0.031061,0.031061}', '{0.3954155,0.40188665,0.40245812999999997}', '{0,0,0}', '{0.3643545,0.37082565,0.37139712999999996}', '{0.3643545,0.37082565,0.37139712999999996}', '{0.3643545,0.37082565,0.37139712999999996}');
INSERT INTO restock.mart_refresh (only_one, refreshed_at, seconds, changes) VALUES
	(true, '2026-11-23 18:51:21.547881+00', 0.02253098700020928, 234);
INSERT INTO restock.mart_salt (salt) VALUES
	('e44f764e-100a-4f2a-b0e8-4a01d72e402e');
INSERT INTO restock.notification (notification_key, notification_id, opening_episode_id, opening_request_key, user_id, channel, store_id, locale, timezone, local_day, first_due_at, due_at, status, status_at, attempt_count, last_error, policy_id, created_at, forgiven_count) OVERRIDING SYSTEM VALUE VALUES
	(2, '16208f2c-5c98-9e7c-ffc1-85cae204c2b8', 1, 47, 'shopper-03', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-23', '2026-11-23 18:51:20.333357+00', '2026-11-23 18:51:20.333357+00', 'dead', '2026-11-23 18:51:20.705001+00', 1, '550 5.1.1 nobody of that name', 1, '2026-11-23 18:51:20.333357+00', 0),
	(3, '4367174c-2faa-a79e-b87e-ff44fd089177', 1, 48, 'shopper-06', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-23', '2026-11-23 18:51:20.333357+00', '2026-11-23 18:51:20.333357+00', 'dead', '2026-11-23 18:51:20.705001+00', 1, '554 5.6.0 not that', 1, '2026-11-23 18:51:20.333357+00', 0),
	(1, '25deb185-1052-abbb-aa6f-86194b6ece9f', 1, 46, 'shopper-00', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-23', '2026-11-23 18:51:20.333357+00', '2026-11-23 18:51:20.333357+00', 'sent', '2026-11-23 18:51:20.686846+00', 1, NULL, 1, '2026-11-23 18:51:20.333357+00', 0),
	(4, '3be03489-239d-e567-e81d-a8108d50bdb7', 1, 49, 'shopper-09', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-23', '2026-11-23 18:51:20.333357+00', '2026-11-23 18:51:20.333357+00', 'sent', '2026-11-23 18:51:20.692421+00', 1, NULL, 1, '2026-11-23 18:51:20.333357+00', 0),
	(5, 'cc257bad-899b-2ca4-97d5-46606b486d18', 1, 50, 'shopper-12', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-23', '2026-11-23 18:51:20.333357+00', '2026-11-23 18:51:20.333357+00', 'sent', '2026-11-23 18:51:20.694519+00', 1, NULL, 1, '2026-11-23 18:51:20.333357+00', 0),
	(6, '8fb7bb14-085e-370a-accb-1923db4252e9', 1, 51, 'shopper-15', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-23', '2026-11-23 18:51:20.333357+00', '2026-11-23 18:51:20.333357+00', 'sent', '2026-11-23 18:51:20.696646+00', 1, NULL, 1, '2026-11-23 18:51:20.333357+00', 0),
	(7, '97996d97-2b9b-33d6-1b8d-9bbaec73c38c', 1, 53, 'shopper-21', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-23', '2026-11-23 18:51:20.333357+00', '2026-11-23 18:51:20.333357+00', 'sent', '2026-11-23 18:51:20.698777+00', 1, NULL, 1, '2026-11-23 18:51:20.333357+00', 0),
	(8, 'cfa93a2d-15f2-3253-ac2b-859308611b95', 1, 54, 'shopper-24', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-23', '2026-11-23 18:51:20.333357+00', '2026-11-23 18:51:20.333357+00', 'sent', '2026-11-23 18:51:20.700746+00', 1, NULL, 1, '2026-11-23 18:51:20.333357+00', 0),
	(9, '464c3239-fac7-a3c4-2ea2-60ae40721d9b', 1, 55, 'shopper-27', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-23', '2026-11-23 18:51:20.333357+00', '2026-11-23 18:51:20.333357+00', 'sent', '2026-11-23 18:51:20.702856+00', 1, NULL, 1, '2026-11-23 18:51:20.333357+00', 0),
	(10, '112cb7db-3579-e6d3-12fc-f13e901a8c89', 1, 89, 'web-1', 'email', 'main', NULL, 'UTC', '2026-11-23', '2026-11-23 18:51:20.333357+00', '2026-11-23 18:51:20.333357+00', 'sent', '2026-11-23 18:51:20.704897+00', 1, NULL, 1, '2026-11-23 18:51:20.333357+00', 0),
	(11, '86f2b7f0-e2b6-0adf-c5e7-de0d1e6a77b5', 2, 1, 'shopper-00', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-23', '2026-11-23 18:51:20.898991+00', '2026-11-23 18:51:21.291624+00', 'scheduled', '2026-11-23 18:51:20.898991+00', 0, NULL, 2, '2026-11-23 18:51:20.898991+00', 0),
	(12, '9cafb58f-5f73-f9a5-3e6a-0f62cfedfe00', 2, 2, 'shopper-01', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-23', '2026-11-23 18:51:20.898991+00', '2026-11-23 18:51:21.291624+00', 'scheduled', '2026-11-23 18:51:20.898991+00', 0, NULL, 2, '2026-11-23 18:51:20.898991+00', 0),
	(13, 'eea4851b-3f02-1e1a-6f04-a11281ec7650', 2, 4, 'shopper-04', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-23', '2026-11-23 18:51:20.898991+00', '2026-11-23 18:51:20.898991+00', 'scheduled', '2026-11-23 18:51:20.898991+00', 0, NULL, 2, '2026-11-23 18:51:20.898991+00', 0),
	(14, '79fbc5e5-d425-57b4-9c69-2191f4ab4709', 2, 5, 'shopper-06', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-23', '2026-11-23 18:51:20.898991+00', '2026-11-23 18:51:20.898991+00', 'scheduled', '2026-11-23 18:51:20.898991+00', 0, NULL, 2, '2026-11-23 18:51:20.898991+00', 0),
	(16, 'a7bcd5f3-bb82-6f28-0da7-b963073b13e3', 3, 26, 'shopper-07', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-23', '2026-11-23 18:51:20.898991+00', '2026-11-23 18:51:20.898991+00', 'scheduled', '2026-11-23 18:51:20.898991+00', 0, NULL, 2, '2026-11-23 18:51:20.898991+00', 0),
	(18, 'a8859c9c-7f8c-2209-1d67-4d1e71812f09', 2, 7, 'shopper-09', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-24', '2026-11-24 04:51:20.898991+00', '2026-11-24 04:51:20.898991+00', 'scheduled', '2026-11-23 18:51:20.898991+00', 0, NULL, 2, '2026-11-23 18:51:20.898991+00', 0),
	(19, '255502b1-6639-1d6a-7efb-3b974c1966a0', 2, 9, 'shopper-12', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-24', '2026-11-24 04:51:20.898991+00', '2026-11-24 04:51:20.898991+00', 'scheduled', '2026-11-23 18:51:20.898991+00', 0, NULL, 2, '2026-11-23 18:51:20.898991+00', 0),
	(21, 'dbaac8ae-cd51-34fc-69cb-f7edd330f97e', 3, 29, 'shopper-10', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-24', '2026-11-24 04:51:20.898991+00', '2026-11-24 04:51:20.898991+00', 'scheduled', '2026-11-23 18:51:20.898991+00', 0, NULL, 2, '2026-11-23 18:51:20.898991+00', 0),
	(23, 'fb6057c8-28d6-03d4-6c84-f9e5994c882a', 2, 11, 'shopper-15', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-24', '2026-11-24 14:51:20.898991+00', '2026-11-24 14:51:20.898991+00', 'scheduled', '2026-11-23 18:51:20.898991+00', 0, NULL, 2, '2026-11-23 18:51:20.898991+00', 0),
	(24, '315f80ef-53fd-dba6-a565-602b69dbede1', 2, 12, 'shopper-16', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-24', '2026-11-24 14:51:20.898991+00', '2026-11-24 14:51:20.898991+00', 'scheduled', '2026-11-23 18:51:20.898991+00', 0, NULL, 2, '2026-11-23 18:51:20.898991+00', 0),
	(25, 'cce3a684-7e3d-bc88-ff40-7318f620517d', 2, 13, 'shopper-18', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-24', '2026-11-24 14:51:20.898991+00', '2026-11-24 14:51:20.898991+00', 'scheduled', '2026-11-23 18:51:20.898991+00', 0, NULL, 2, '2026-11-23 18:51:20.898991+00', 0),
	(29, 'ae009b65-d672-c578-618b-1b34c8a6c443', 2, 15, 'shopper-21', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-25', '2026-11-25 00:51:20.898991+00', '2026-11-25 00:51:20.898991+00', 'scheduled', '2026-11-23 18:51:20.898991+00', 0, NULL, 2, '2026-11-23 18:51:20.898991+00', 0),
	(30, '419dae61-cf11-706a-79a9-57cb0af5112b', 2, 16, 'shopper-22', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-25', '2026-11-25 00:51:20.898991+00', '2026-11-25 00:51:20.898991+00', 'scheduled', '2026-11-23 18:51:20.898991+00', 0, NULL, 2, '2026-11-23 18:51:20.898991+00', 0),
	(31, '790d8369-ad40-f043-24d9-a7aac43e75cd', 2, 17, 'shopper-24', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-25', '2026-11-25 00:51:20.898991+00', '2026-11-25 00:51:20.898991+00', 'scheduled', '2026-11-23 18:51:20.898991+00', 0, NULL, 2, '2026-11-23 18:51:20.898991+00', 0),
	(33, '262fef4b-ea7f-2405-1dbc-92062823f08a', 3, 36, 'shopper-19', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-25', '2026-11-25 00:51:20.898991+00', '2026-11-25 00:51:20.898991+00', 'scheduled', '2026-11-23 18:51:20.898991+00', 0, NULL, 2, '2026-11-23 18:51:20.898991+00', 0),
	(15, '6fa74386-0579-34ec-e2f7-e7bf00cb02b3', 3, 25, 'shopper-05', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-23', '2026-11-23 18:51:20.898991+00', '2026-11-23 18:51:21.291624+00', 'scheduled', '2026-11-23 18:51:20.898991+00', 0, NULL, 2, '2026-11-23 18:51:20.898991+00', 0),
	(17, 'fc4ea8fa-7339-8b8c-815f-f770091b22db', 2, 6, 'shopper-07', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-24', '2026-11-24 04:51:20.898991+00', '2026-11-24 04:51:21.291624+00', 'scheduled', '2026-11-23 18:51:20.898991+00', 0, NULL, 2, '2026-11-23 18:51:20.898991+00', 0),
	(20, '27db15ba-323e-4372-312a-fbd14238dfc4', 2, 10, 'shopper-13', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-24', '2026-11-24 04:51:20.898991+00', '2026-11-24 04:51:21.291624+00', 'scheduled', '2026-11-23 18:51:20.898991+00', 0, NULL, 2, '2026-11-23 18:51:20.898991+00', 0),
	(22, '64a65983-3e71-21ff-0fe9-297d65afef73', 3, 30, 'shopper-11', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-24', '2026-11-24 04:51:20.898991+00', '2026-11-24 04:51:21.291624+00', 'scheduled', '2026-11-23 18:51:20.898991+00', 0, NULL, 2, '2026-11-23 18:51:20.898991+00', 0),
	(26, 'e5939536-e93a-662f-b0f2-483d3614ec66', 2, 14, 'shopper-19', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-24', '2026-11-24 14:51:20.898991+00', '2026-11-24 14:51:21.291624+00', 'scheduled', '2026-11-23 18:51:20.898991+00', 0, NULL, 2, '2026-11-23 18:51:20.898991+00', 0),
	(27, 'eb1edf51-8e5b-6dd5-c738-f95b80d2d114', 3, 32, 'shopper-14', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-24', '2026-11-24 14:51:20.898991+00', '2026-11-24 14:51:21.291624+00', 'scheduled', '2026-11-23 18:51:20.898991+00', 0, NULL, 2, '2026-11-23 18:51:20.898991+00', 0),
	(28, 'c665bc6e-3eba-ca8f-4d32-3cf7e36ad393', 3, 35, 'shopper-17', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-24', '2026-11-24 14:51:20.898991+00', '2026-11-24 14:51:21.291624+00', 'scheduled', '2026-11-23 18:51:20.898991+00', 0, NULL, 2, '2026-11-23 18:51:20.898991+00', 0),
	(32, '7d65de0e-497f-fd05-5f7e-acc5f3fce0ff', 2, 18, 'shopper-25', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-25', '2026-11-25 00:51:20.898991+00', '2026-11-25 00:51:21.291624+00', 'scheduled', '2026-11-23 18:51:20.898991+00', 0, NULL, 2, '2026-11-23 18:51:20.898991+00', 0),
	(34, 'a74400c2-ee5f-de27-c82f-2fc8478b4c80', 3, 37, 'shopper-20', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-25', '2026-11-25 00:51:20.898991+00', '2026-11-25 00:51:21.291624+00', 'scheduled', '2026-11-23 18:51:20.898991+00', 0, NULL, 2, '2026-11-23 18:51:20.898991+00', 0),
	(35, '1d917805-78b7-7db6-2fde-665c718b2c53', 2, 19, 'shopper-27', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-25', '2026-11-25 10:51:20.898991+00', '2026-11-25 10:51:20.898991+00', 'scheduled', '2026-11-23 18:51:20.898991+00', 0, NULL, 2, '2026-11-23 18:51:20.898991+00', 0),
	(36, 'a7055e7d-ddb9-ba66-ccbf-ac4737ec6e1a', 2, 20, 'shopper-28', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-25', '2026-11-25 10:51:20.898991+00', '2026-11-25 10:51:20.898991+00', 'scheduled', '2026-11-23 18:51:20.898991+00', 0, NULL, 2, '2026-11-23 18:51:20.898991+00', 0),
	(37, 'ec9d1826-4931-4238-9742-583e37049cf5', 3, 40, 'shopper-23', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-25', '2026-11-25 10:51:20.898991+00', '2026-11-25 10:51:20.898991+00', 'scheduled', '2026-11-23 18:51:20.898991+00', 0, NULL, 2, '2026-11-23 18:51:20.898991+00', 0),
	(38, '85cd500e-431b-03fb-a357-f99a4e076468', 3, 41, 'shopper-25', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-25', '2026-11-25 10:51:20.898991+00', '2026-11-25 10:51:20.898991+00', 'scheduled', '2026-11-23 18:51:20.898991+00', 0, NULL, 2, '2026-11-23 18:51:20.898991+00', 0),
	(39, '1e4b23af-b00d-1239-bfd8-f14fc5868f1f', 3, 45, 'shopper-29', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-25', '2026-11-25 20:51:20.898991+00', '2026-11-25 20:51:20.898991+00', 'scheduled', '2026-11-23 18:51:20.898991+00', 0, NULL, 2, '2026-11-23 18:51:20.898991+00', 0),
	(40, 'f9a848db-23bb-a46f-c679-85a9e5e5c549', 4, 57, 'shopper-02', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-23', '2026-11-23 18:51:21.291624+00', '2026-11-23 18:51:21.291624+00', 'scheduled', '2026-11-23 18:51:21.291624+00', 0, NULL, 2, '2026-11-23 18:51:21.291624+00', 0),
	(41, '678613d8-67db-519e-b3ff-dce73d7ce338', 4, 67, 'shopper-23', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-25', '2026-11-25 00:51:21.291624+00', '2026-11-25 00:51:21.291624+00', 'scheduled', '2026-11-23 18:51:21.291624+00', 0, NULL, 2, '2026-11-23 18:51:21.291624+00', 0),
	(42, '34d6cd38-6ded-b1c8-00fe-4a0d08748a26', 4, 69, 'shopper-26', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-25', '2026-11-25 10:51:21.291624+00', '2026-11-25 10:51:21.291624+00', 'scheduled', '2026-11-23 18:51:21.291624+00', 0, NULL, 2, '2026-11-23 18:51:21.291624+00', 0),
	(43, '5e6bfcf9-b4b5-660e-6cdf-c931ca67a807', 4, 70, 'shopper-29', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-25', '2026-11-25 10:51:21.291624+00', '2026-11-25 10:51:21.291624+00', 'scheduled', '2026-11-23 18:51:21.291624+00', 0, NULL, 2, '2026-11-23 18:51:21.291624+00', 0);
INSERT INTO restock.open_request (store_id, product_id, user_id, channel, request_key) VALUES
	('main', 'chair', 'shopper-00', 'email', 1),
	('main', 'chair', 'shopper-01', 'email', 2),
	('main', 'chair', 'shopper-04', 'email', 4),
	('main', 'chair', 'shopper-06', 'email', 5),
	('main', 'chair', 'shopper-07', 'email', 6),
	('main', 'chair', 'shopper-09', 'email', 7),
	('main', 'chair', 'shopper-12', 'email', 9),
	('main', 'chair', 'shopper-13', 'email', 10),
	('main', 'chair', 'shopper-15', 'email', 11),
	('main', 'chair', 'shopper-16', 'email', 12),
	('main', 'chair', 'shopper-18', 'email', 13),
	('main', 'chair', 'shopper-19', 'email', 14),
	('main', 'chair', 'shopper-21', 'email', 15),
	('main', 'chair', 'shopper-22', 'email', 16),
	('main', 'chair', 'shopper-24', 'email', 17),
	('main', 'chair', 'shopper-25', 'email', 18),
	('main', 'chair', 'shopper-27', 'email', 19),
	('main', 'chair', 'shopper-28', 'email', 20),
	('main', 'desk', 'shopper-01', 'email', 21),
	('main', 'desk', 'shopper-04', 'email', 24),
	('main', 'desk', 'shopper-05', 'email', 25),
	('main', 'desk', 'shopper-07', 'email', 26),
	('main', 'desk', 'shopper-09', 'email', 28),
	('main', 'desk', 'shopper-10', 'email', 29),
	('main', 'desk', 'shopper-11', 'email', 30),
	('main', 'desk', 'shopper-13', 'email', 31),
	('main', 'desk', 'shopper-14', 'email', 32),
	('main', 'desk', 'shopper-15', 'email', 33),
	('main', 'desk', 'shopper-16', 'email', 34),
	('main', 'desk', 'shopper-17', 'email', 35),
	('main', 'desk', 'shopper-19', 'email', 36),
	('main', 'desk', 'shopper-20', 'email', 37),
	('main', 'desk', 'shopper-21', 'email', 38),
	('main', 'desk', 'shopper-22', 'email', 39),
	('main', 'desk', 'shopper-23', 'email', 40),
	('main', 'desk', 'shopper-25', 'email', 41),
	('main', 'desk', 'shopper-27', 'email', 43),
	('main', 'desk', 'shopper-28', 'email', 44),
	('main', 'desk', 'shopper-29', 'email', 45),
	('main', 'lamp', 'shopper-06', 'email', 48),
	('main', 'sofa', 'shopper-01', 'email', 56),
	('main', 'sofa', 'shopper-02', 'email', 57),
	('main', 'sofa', 'shopper-05', 'email', 58),
	('main', 'sofa', 'shopper-07', 'email', 59),
	('main', 'sofa', 'shopper-11', 'email', 61),
	('main', 'sofa', 'shopper-13', 'email', 62),
	('main', 'sofa', 'shopper-14', 'email', 63),
	('main', 'sofa', 'shopper-17', 'email', 64),
	('main', 'sofa', 'shopper-19', 'email', 65),
	('main', 'sofa', 'shopper-20', 'email', 66),
	('main', 'sofa', 'shopper-23', 'email', 67),
	('main', 'sofa', 'shopper-25', 'email', 68),
	('main', 'sofa', 'shopper-26', 'email', 69),
	('main', 'sofa', 'shopper-29', 'email', 70),
	('main', 'vase', 'shopper-05', 'email', 71),
	('main', 'vase', 'shopper-11', 'email', 72),
	('main', 'vase', 'shopper-17', 'email', 73),
	('main', 'vase', 'shopper-23', 'email', 74),
	('main', 'vase', 'shopper-29', 'email', 75),
	('main', 'lamp', 'shopper-00', 'email', 91);
INSERT INTO restock.outbox (notification_key, channel, due_at, lease_until, leased_by) VALUES
	(11, 'email', '2026-11-23 18:51:21.291624+00', '2026-11-23 18:56:21.411454+00', 'a dead sender'),
	(12, 'email', '2026-11-23 18:51:21.291624+00', '2026-11-23 18:56:21.411454+00', 'a dead sender'),
	(13, 'email', '2026-11-23 18:51:20.898991+00', NULL, NULL),
	(14, 'email', '2026-11-23 18:51:20.898991+00', NULL, NULL),
	(16, 'email', '2026-11-23 18:51:20.898991+00', NULL, NULL),
	(18, 'email', '2026-11-24 04:51:20.898991+00', NULL, NULL),
	(19, 'email', '2026-11-24 04:51:20.898991+00', NULL, NULL),
	(21, 'email', '2026-11-24 04:51:20.898991+00', NULL, NULL),
	(23, 'email', '2026-11-24 14:51:20.898991+00', NULL, NULL),
	(24, 'email', '2026-11-24 14:51:20.898991+00', NULL, NULL),
	(25, 'email', '2026-11-24 14:51:20.898991+00', NULL, NULL),
	(29, 'email', '2026-11-25 00:51:20.898991+00', NULL, NULL),
	(30, 'email', '2026-11-25 00:51:20.898991+00', NULL, NULL),
	(15, 'email', '2026-11-23 18:51:21.291624+00', NULL, NULL),
	(17, 'email', '2026-11-24 04:51:21.291624+00', NULL, NULL),
	(20, 'email', '2026-11-24 04:51:21.291624+00', NULL, NULL),
	(22, 'email', '2026-11-24 04:51:21.291624+00', NULL, NULL),
	(26, 'email', '2026-11-24 14:51:21.291624+00', NULL, NULL),
	(27, 'email', '2026-11-24 14:51:21.291624+00', NULL, NULL),
	(28, 'email', '2026-11-24 14:51:21.291624+00', NULL, NULL),
	(31, 'email', '2026-11-25 00:51:20.898991+00', NULL, NULL),
	(33, 'email', '2026-11-25 00:51:20.898991+00', NULL, NULL),
	(35, 'email', '2026-11-25 10:51:20.898991+00', NULL, NULL),
	(36, 'email', '2026-11-25 10:51:20.898991+00', NULL, NULL),
	(37, 'email', '2026-11-25 10:51:20.898991+00', NULL, NULL),
	(38, 'email', '2026-11-25 10:51:20.898991+00', NULL, NULL),
	(39, 'email', '2026-11-25 20:51:20.898991+00', NULL, NULL),
	(32, 'email', '2026-11-25 00:51:21.291624+00', NULL, NULL),
	(34, 'email', '2026-11-25 00:51:21.291624+00', NULL, NULL),
	(40, 'email', '2026-11-23 18:51:21.291624+00', NULL, NULL),
	(41, 'email', '2026-11-25 00:51:21.291624+00', NULL, NULL),
	(42, 'email', '2026-11-25 10:51:21.291624+00', NULL, NULL),
	(43, 'email', '2026-11-25 10:51:21.291624+00', NULL, NULL);
INSERT INTO restock.partitioned_table (table_name, key_name, drawn_for, own_unique_column) VALUES
	('decision', 'request_key', 'request', NULL),
	('delivery_attempt', 'notification_key', 'notification', NULL),
	('inbox', 'inbox_id', 'inbox', NULL),
	('notification', 'notification_key', 'notification', 'notification_id'),
	('request_outcome', 'request_key', 'request', NULL);
INSERT INTO restock.plan_queue (store_id, product_id, plan_after) VALUES
	('main', 'rug', '2026-11-23 18:51:21.44105+00');
INSERT INTO restock.product (store_id, product_id, name, url, image_url, price, currency, category, brand, parent_id, feed_file_id, updated_at) VALUES
	('main', 'chair', 'Chair', 'https://shop.example/p/chair', NULL, 9.00, 'EUR', NULL, NULL, NULL, 1, '2026-11-23 18:51:19.783084+00'),
	('main', 'desk', 'Desk', 'https://shop.example/p/desk', NULL, 9.00, 'EUR', NULL, NULL, NULL, 1, '2026-11-23 18:51:19.783084+00'),
	('main', 'lamp', 'Lamp', 'https://shop.example/p/lamp', NULL, 9.00, 'EUR', NULL, NULL, NULL, 1, '2026-11-23 18:51:19.783084+00'),
	('main', 'rug', 'Rug', 'https://shop.example/p/rug', NULL, 9.00, 'EUR', NULL, NULL, NULL, 1, '2026-11-23 18:51:19.783084+00'),
	('main', 'sofa', 'Sofa', 'https://shop.example/p/sofa', NULL, 9.00, 'EUR', NULL, NULL, NULL, 1, '2026-11-23 18:51:19.783084+00'),
	('main', 'vase', 'Vase', 'https://shop.example/p/vase', NULL, 9.00, 'EUR', NULL, NULL, NULL, 1, '2026-11-23 18:51:19.783084+00');
INSERT INTO restock.provider_code (kind, code, outcome, suppress, meaning) VALUES
	('email', '2', 'accepted', false, 'taken'),
	('email', '4', 'retryable', false, 'not now'),
	('email', '421', 'unavailable', false, 'the server ends the connection'),
	('email', '432', 'unavailable', false, 'the password has to be changed'),
	('email', '450', 'retryable', false, 'the mailbox is busy, or greylisting'),
	('email', '451', 'retryable', false, 'the server failed in the middle'),
	('email', '452', 'retryable', false, 'too little room, or too many recipients'),
	('email', '454', 'unavailable', false, 'the login cannot be checked now'),
	('email', '5', 'permanent', false, 'never'),
	('email', '500', 'permanent', false, 'the server did not understand'),
	('email', '521', 'permanent', true, 'the host takes no mail'),
	('email', '530', 'unavailable', false, 'a login or encryption is needed'),
	('email', '534', 'unavailable', false, 'another way to log in is needed'),
	('email', '535', 'unavailable', false, 'the login is wrong'),
	('email', '538', 'unavailable', false, 'encryption is needed'),
	('email', '550', 'permanent', true, 'there is no such mailbox'),
	('email', '550 5.2.1', 'permanent', false, 'the mailbox is switched off'),
	('email', '550 5.2.2', 'retryable', false, 'the mailbox is full'),
	('email', '550 5.3', 'permanent', false, 'the system of the recipient refuses the mail'),
	('email', '550 5.4', 'permanent', false, 'no route to the recipient'),
	('email', '550 5.6', 'permanent', false, 'the content cannot be taken'),
	('email', '550 5.7', 'permanent', false, 'refused by policy: relaying, reputation or content'),
	('email', '551', 'permanent', true, 'the user is not here'),
	('email', '552', 'retryable', false, 'the mailbox is full'),
	('email', '552 5.3.4', 'permanent', false, 'the mail is too large'),
	('email', '553', 'permanent', true, 'the address is not allowed'),
	('email', '553 5.7', 'permanent', false, 'refused by policy'),
	('email', '554', 'permanent', false, 'the transaction failed'),
	('email', '556', 'permanent', true, 'the domain takes no mail'),
	('webhook', '2', 'accepted', false, 'taken'),
	('webhook', '3', 'retryable', false, 'the receiver is elsewhere; redirects are not followed'),
	('webhook', '4', 'permanent', false, 'the receiver refuses the message'),
	('webhook', '401', 'unavailable', false, 'the receiver does not accept the signature'),
	('webhook', '403', 'unavailable', false, 'the receiver does not let us in'),
	('webhook', '407', 'unavailable', false, 'a proxy does not let us out'),
	('webhook', '408', 'retryable', false, 'the receiver waited too long for the message'),
	('webhook', '409', 'retryable', false, 'the receiver is still busy with the same message'),
	('webhook', '410', 'permanent', true, 'the shopper''s address is gone for good'),
	('webhook', '425', 'retryable', false, 'too early'),
	('webhook', '429', 'retryable', false, 'too many messages for now'),
	('webhook', '5', 'retryable', false, 'the receiver failed'),
	('apprise', '2', 'accepted', false, 'taken'),
	('apprise', '4', 'permanent', false, 'the service refuses the message'),
	('apprise', '401', 'unavailable', false, 'the login of the service is wrong'),
	('apprise', '402', 'unavailable', false, 'the account has to be paid'),
	('apprise', '408', 'retryable', false, 'the service waited too long for the message'),
	('apprise', '425', 'retryable', false, 'too early'),
	('apprise', '429', 'retryable', false, 'too many messages for now'),
	('apprise', '5', 'retryable', false, 'the service failed');
INSERT INTO restock.purchase (order_id, user_id, store_id, product_id, ordered_at, quantity, amount, feed_file_id) VALUES
	('o-0', 'shopper-09', 'main', 'lamp', '2026-11-23 18:51:20.854611+00', 1, 9.50, 14),
	('o-1', 'shopper-12', 'main', 'lamp', '2026-11-23 18:51:20.854642+00', 1, 9.50, 14),
	('o-2', 'shopper-15', 'main', 'lamp', '2026-11-23 18:51:20.854647+00', 1, 9.50, 14),
	('o-3', 'shopper-18', 'main', 'lamp', '2026-11-23 18:51:20.854652+00', 1, 9.50, 14);
INSERT INTO restock.rate_bucket (channel, tokens, filled_at) VALUES
	('email', 97.97766025000001, '2026-11-23 18:51:20.716236+00');
INSERT INTO restock.rejected_row (rejected_row_id, feed_file_id, line_number, raw_text, reason_code, detail, rejected_at, corrected_text, corrected_at, corrected_by, replayed_at, replay_file_id, rejected_before_id) OVERRIDING SYSTEM VALUE VALUES
	(1, 9, 2, 'bad-0,shopper-00,lamp,2026-11-23T18:01:19.767707+00:00,app,,Mars/Olympus', 'unknown_time_zone', 'timezone is not an IANA time zone such as Europe/Berlin.', '2026-11-23 18:51:20.131397+00', 'bad-0,shopper-00,lamp,2026-11-23T18:01:19.767707+00:00,app,,UTC', '2026-11-23 18:51:21.191585+00', 'eve', '2026-11-23 18:51:21.192401+00', 17, NULL),
	(2, 9, 3, 'bad-1,shopper-00,chair,2026-11-23T18:01:19.767730+00:00,app,,Mars/Olympus', 'unknown_time_zone', 'timezone is not an IANA time zone such as Europe/Berlin.', '2026-11-23 18:51:20.131397+00', 'bad-1,shopper-00,chair,2026-11-23T18:01:19.767730+00:00,app,,UTC', '2026-11-23 18:51:21.191585+00', 'eve', '2026-11-23 18:51:21.192401+00', 17, NULL);
INSERT INTO restock.removed_delivery (channel, hour, attempt_count, sent_count, retryable_count, permanent_count, in_doubt_count, dead_count, busiest_minute_count, suppression_count) VALUES
	('email', '2025-07-11 18:51:21.525689+00', 2, 1, 1, 0, 0, 0, 1, 1);
INSERT INTO restock.removed_demand (store_id, product_id, expired_requests, expired_units) VALUES
	('main', 'lamp', 2, 3);
INSERT INTO restock.removed_effect (policy_id, decided_count, sent_count, pending_count, told_count, told_bought_count, held_out_count, held_out_bought_count) VALUES
	(2, 5, 4, 0, 3, 2, 1, 1);
INSERT INTO restock.removed_episode (episode_id, asked_count, asked_units, told_count, held_back_count, sent_count, clicked_count, bought_count, bought_units) VALUES
	(1, 5, 6, 4, 1, 3, 2, 1, 1);
INSERT INTO restock.removed_funnel (store_id, request_day, request_count, available_count, scheduled_count, sent_count, clicked_count, bought_count, bought_without_click_count) VALUES
	('main', '2025-07-11', 6, 5, 4, 3, 2, 1, 0);
INSERT INTO restock.removed_message (notification_id, channel, store_id, locale, contact_hash, created_at) VALUES
	('efcfc2c1-0a55-4c2f-a232-d5b057af251c', 'email', 'main', NULL, '\xe815851075a72194cb9fdb429103c21bb30ba9d634ddc478e7b483a8d19eb6f8', '2026-11-23 18:51:21.525689+00');
INSERT INTO restock.request_outcome (request_key, status, reason, notification_key, closed_at) VALUES
	(8, 'cancelled', 'cancelled', NULL, '2026-11-23 18:42:19.768023+00'),
	(22, 'cancelled', 'cancelled', NULL, '2026-11-23 18:42:19.767969+00'),
	(42, 'cancelled', 'cancelled', NULL, '2026-11-23 18:42:19.768119+00'),
	(52, 'cancelled', 'cancelled', NULL, '2026-11-23 18:42:19.768072+00'),
	(47, 'suppressed', 'suppressed', NULL, '2026-11-23 18:51:20.705001+00'),
	(46, 'notified', 'sent', 1, '2026-11-23 18:51:20.686846+00'),
	(49, 'notified', 'sent', 4, '2026-11-23 18:51:20.692421+00'),
	(50, 'notified', 'sent', 5, '2026-11-23 18:51:20.694519+00'),
	(51, 'notified', 'sent', 6, '2026-11-23 18:51:20.696646+00'),
	(53, 'notified', 'sent', 7, '2026-11-23 18:51:20.698777+00'),
	(54, 'notified', 'sent', 8, '2026-11-23 18:51:20.700746+00'),
	(55, 'notified', 'sent', 9, '2026-11-23 18:51:20.702856+00'),
	(89, 'notified', 'sent', 10, '2026-11-23 18:51:20.704897+00'),
	(3, 'suppressed', 'suppressed', NULL, '2026-11-23 18:51:20.898991+00'),
	(23, 'suppressed', 'suppressed', NULL, '2026-11-23 18:51:20.898991+00'),
	(27, 'suppressed', 'suppressed', NULL, '2026-11-23 18:51:20.898991+00'),
	(88, 'expired', 'expired', NULL, '2026-11-23 18:51:21.249048+00'),
	(60, 'suppressed', 'suppressed', NULL, '2026-11-23 18:51:21.291624+00');
INSERT INTO restock.restore (restore_id, backup_at, restored_at, settled_at, settled_by, unknown, listed_count, sent_count, told_count, dropped_count) OVERRIDING SYSTEM VALUE VALUES
	(1, '2026-11-23 18:51:21.525689+00', '2026-11-23 18:51:21.525689+00', '2026-11-23 18:51:21.525689+00', 'eve', 'drop', 3, 2, 1, 0);
INSERT INTO restock.source_watermark (source, feed, watermark, advanced_at) VALUES
	('shop_db/stock', 'inventory', '2026-11-20 10:00:00+00', '2026-11-23 18:51:21.525689+00');
INSERT INTO restock.storage_setting (table_name, parameter, value, reason) VALUES
	('outbox', 'fillfactor', '30', 'A lease makes a row longer and stays within its page, without new index entries.'),
	('outbox', 'autovacuum_vacuum_scale_factor', '0', 'A queue: dead rows count by number, not by share.'),
	('outbox', 'autovacuum_vacuum_threshold', '20000', 'Twenty batches; a claim passes over no more dead entries.'),
	('outbox', 'autovacuum_vacuum_cost_delay', '0', 'Small and hot: slow vacuum would hold up more than it saves.'),
	('candidate', 'autovacuum_vacuum_scale_factor', '0', 'A queue: filled and emptied by each plan.'),
	('candidate', 'autovacuum_vacuum_threshold', '20000', 'The next plan finds pages to use again.'),
	('candidate', 'autovacuum_vacuum_cost_delay', '0', 'Small and hot.'),
	('plan_queue', 'autovacuum_vacuum_scale_factor', '0', 'A queue: each look at a product is a row that goes.'),
	('plan_queue', 'autovacuum_vacuum_threshold', '1000', 'Read at the start of every run, also of idle ones.'),
	('plan_queue', 'autovacuum_vacuum_cost_delay', '0', 'Small and hot.'),
	('inbox_pending', 'autovacuum_vacuum_scale_factor', '0', 'A queue: a row for each call, gone with the next load.'),
	('inbox_pending', 'autovacuum_vacuum_threshold', '5000', 'The load reads it from its front.'),
	('inbox_pending', 'autovacuum_vacuum_cost_delay', '0', 'Small and hot.'),
	('departure', 'fillfactor', '20', 'Its rows are written anew at each step of a batch, within their page.'),
	('departure', 'autovacuum_vacuum_scale_factor', '0', 'A handful of rows that change with every batch.'),
	('departure', 'autovacuum_vacuum_threshold', '500', 'Its arrays are kept outside the page, and only vacuum ends them.'),
	('rate_bucket', 'fillfactor', '10', 'Drawn from at every claim, within its page.'),
	('rate_bucket', 'autovacuum_vacuum_scale_factor', '0', 'One row a channel, changed by every claim.'),
	('rate_bucket', 'autovacuum_vacuum_threshold', '500', 'The row stays on one page.'),
	('open_request', 'autovacuum_vacuum_scale_factor', '0.02', 'What ends leaves it in bulk; plans read it by index only.'),
	('open_request', 'autovacuum_vacuum_insert_scale_factor', '0.05', 'Index-only scans need the visibility map early.'),
	('open_request', 'autovacuum_analyze_scale_factor', '0.02', 'How many wait for a product decides how plans join.'),
	('request', 'autovacuum_vacuum_insert_scale_factor', '0.05', 'Rows never change: frozen early and once.'),
	('request', 'autovacuum_analyze_scale_factor', '0.02', 'A day is a small share, and asked for most.'),
	('inventory', 'autovacuum_vacuum_scale_factor', '0.05', 'Each snapshot changes many rows, within their pages.'),
	('availability', 'autovacuum_vacuum_scale_factor', '0.05', 'Each snapshot changes many rows, within their pages.'),
	('notification', 'autovacuum_vacuum_scale_factor', '0.05', 'Three changes of status a message.'),
	('notification', 'autovacuum_analyze_scale_factor', '0.02', 'A day is a small share, and asked for most.'),
	('decision', 'autovacuum_vacuum_insert_scale_factor', '0.05', 'Hardly changes: frozen early.'),
	('decision', 'autovacuum_analyze_scale_factor', '0.02', 'A day is a small share, and asked for most.'),
	('delivery_attempt', 'autovacuum_vacuum_insert_scale_factor', '0.05', 'Never changes: frozen early.'),
	('request_outcome', 'autovacuum_vacuum_insert_scale_factor', '0.05', 'Never changes: frozen early.'),
	('inbox', 'autovacuum_vacuum_insert_scale_factor', '0.05', 'Never changes: frozen early.'),
	('notification', 'fillfactor', '50', 'A batch is a run of keys: its messages are written anew together, within their pages.'),
	('acceptance', 'toast_tuple_target', '8160', 'A row of a few dozen messages stays in its page, as it is.'),
	('acceptance', 'autovacuum_vacuum_scale_factor', '0', 'A handful of rows that come and go with every batch.'),
	('acceptance', 'autovacuum_vacuum_threshold', '500', 'The next batches find pages to use again.'),
	('acceptance', 'autovacuum_vacuum_cost_delay', '0', 'Small and hot.');
INSERT INTO restock.store_suppression (channel, contact_hash, store_id, suppressed_at) VALUES
	('email', '\x299fb682c97a175b2c57744c0da0b2b6089083518c7b4c9d94f84bbc58078607', 'berlin', '2026-11-23 18:51:21.525689+00');
INSERT INTO restock.suppression (channel, contact_hash, reason, suppressed_at) VALUES
	('email', '\x0553dc0cdc8f6ad72d03d9f1abb57f6b9928fb00f961fcbbec488dfebc32cb2a', 'complaint', '2026-11-23 18:51:20.176821+00'),
	('email', '\x4acdcbe9570ddad4769465c488eb7003fa8392b78fa9623ae610bbb1a96a768f', 'bounce', '2026-11-23 18:51:20.705001+00'),
	('email', '\xd6a2e3a96b731091bf682fc0122c2ff65fcf4ea6c158df72ffb4e14ffd120dc9', 'unsubscribe', '2026-11-23 18:51:21.525689+00'),
	('sms', '\xe1ffc2aac42c85c791ff8a75ad94c2637b2fc4b4393946ba349348bae0e2c5e1', 'complaint', '2026-11-23 18:51:21.525689+00');
INSERT INTO restock.task_failure (dag_id, task_id, run_id, reason, failed_at) VALUES
	('restock_ingest', 'load_file', 'run', 'the file was gone', '2026-11-23 18:51:21.525689+00');
INSERT INTO restock.unconfirmed_request (request_id, confirmation_key, user_id, product_id, line, client, created_at) VALUES
	('f5cd0f7a-7207-4430-a28c-b0c3d1cebe6c', 1, 'contact-b834979e4ea02ac8b941febde36bad7a', 'lamp', '{"channel":"email","request_id":"f5cd0f7a-7207-4430-a28c-b0c3d1cebe6c","user_id":"contact-b834979e4ea02ac8b941febde36bad7a","product_id":"lamp","requested_at":"2026-11-23T18:51:20.292187+00:00","store_id":"berlin","contact":"web@example.com"}', 'page', '2026-11-23 18:51:20.296417+00');
INSERT INTO restock.watch (is_only, looked_at, looked_by, watching_since) VALUES
	(true, '2026-11-23 18:51:21.525689+00', 'fill', '2026-11-23 18:51:21.525689+00');
SELECT pg_catalog.setval('restock.alert_alert_id_seq', 1, true);
SELECT pg_catalog.setval('restock.api_key_api_key_id_seq', 3, true);
SELECT pg_catalog.setval('restock.archive_file_archive_file_id_seq', 1, true);
SELECT pg_catalog.setval('restock.click_click_id_seq', 4, true);
SELECT pg_catalog.setval('restock.confirmation_confirmation_key_seq', 1, true);
SELECT pg_catalog.setval('restock.console_action_console_action_id_seq', 1, true);
SELECT pg_catalog.setval('restock.episode_episode_id_seq', 5, true);
SELECT pg_catalog.setval('restock.feed_file_feed_file_id_seq', 19, true);
SELECT pg_catalog.setval('restock.gate_gate_id_seq', 1, true);
SELECT pg_catalog.setval('restock.inbox_inbox_id_seq', 3, true);
SELECT pg_catalog.setval('restock.notification_notification_key_seq', 43, true);
SELECT pg_catalog.setval('restock.policy_policy_id_seq', 2, true);
SELECT pg_catalog.setval('restock.rejected_row_rejected_row_id_seq', 2, true);
SELECT pg_catalog.setval('restock.request_request_key_seq', 91, true);
SELECT pg_catalog.setval('restock.restore_restore_id_seq', 1, true);
