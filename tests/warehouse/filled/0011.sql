-- Purpose: the rows of a warehouse of version 0011, a few in every table, as its pipeline left them.
-- Made by: tests/warehouse/fill.py of that version. Never changed: later pipelines cannot make it again.
INSERT INTO restock.api_key (api_key_id, name, kind, key_hash, surface, origins, created_at, revoked_at) OVERRIDING SYSTEM VALUE VALUES
	(1, 'shop', 'surface', '\xd652629e7b9c38b5ca4829b5c75c4a8ae873cf06719f6328db041da2bea3bdfe', 'web', '{}', '2026-11-23 05:59:26.107761+00', NULL),
	(2, 'page', 'widget', '\x837e28ed83e43d68572990b704659a1102c92f4980126e2e79127b47c406cfb1', NULL, '{http://shop.example}', '2026-11-23 05:59:26.12057+00', NULL),
	(3, 'warehouse', 'operator', '\x7df84b675b71321c7e39a5d8a9939dd9d77f8e9bc5970b4b1b80a74e05181924', NULL, '{}', '2026-11-23 05:59:26.12187+00', NULL);
INSERT INTO restock.availability (store_id, product_id, quantity, snapshot_at) VALUES
	('main', 'rug', 0, '2026-11-23 04:59:29.617463+00'),
	('main', 'lamp', 40, '2026-11-23 05:59:31.665655+00'),
	('main', 'chair', 4, '2026-11-23 05:59:33.506739+00'),
	('main', 'desk', 0, '2026-11-23 05:59:34.151427+00'),
	('main', 'sofa', 3, '2026-11-23 05:59:34.736867+00'),
	('main', 'vase', 5, '2026-11-23 05:59:35.45323+00');
INSERT INTO restock.breaker (channel, trip_count, tripped_at, probe_at, reason) VALUES
	('chat', 1, '2026-11-23 05:59:35.983053+00', '2026-11-23 06:59:35.983053+00', 'no answer');
INSERT INTO restock.cancellation (request_id, user_id, store_id, product_id, channel, cancelled_at, feed_file_id) VALUES
	('shopper-10/chair/again', 'shopper-10', 'main', 'chair', NULL, '2026-11-23 05:50:29.618052+00', 6),
	('shopper-02/desk/again', 'shopper-02', 'main', 'desk', NULL, '2026-11-23 05:50:29.617999+00', 6),
	('shopper-26/desk/again', 'shopper-26', 'main', 'desk', NULL, '2026-11-23 05:50:29.632098+00', 6),
	('shopper-18/lamp/again', 'shopper-18', 'main', 'lamp', NULL, '2026-11-23 05:50:29.632019+00', 6),
	('never-seen', 'shopper-00', 'main', 'ghost', NULL, '2026-11-23 05:09:29.617749+00', 7);
INSERT INTO restock.candidate (bucket, episode_id, request_key, "position", wave, due_at, ranked_at, request_id, user_id, channel, contact, timezone, locale, category, tier, last_told_at, looks) VALUES
	(4, 5, 72, 2, 0, '2026-11-23 05:59:35.578179+00', '2026-11-23 05:59:35.682259+00', 'shopper-11/vase', 'shopper-11', 'email', 'shopper-11@example.com', 'Europe/Berlin', NULL, NULL, 2, NULL, NULL),
	(12, 5, 71, 1, 0, '2026-11-23 05:59:35.578179+00', '2026-11-23 05:59:35.682259+00', 'shopper-05/vase', 'shopper-05', 'email', 'shopper-05@example.com', 'Europe/Berlin', NULL, NULL, 2, NULL, NULL),
	(40, 5, 74, 4, 0, '2026-11-23 05:59:35.578179+00', '2026-11-23 05:59:35.682259+00', 'shopper-23/vase', 'shopper-23', 'email', 'shopper-23@example.com', 'Europe/Berlin', NULL, NULL, 2, NULL, NULL),
	(41, 5, 75, 5, 0, '2026-11-23 05:59:35.578179+00', '2026-11-23 05:59:35.682259+00', 'shopper-29/vase', 'shopper-29', 'email', 'shopper-29@example.com', 'Europe/Berlin', NULL, NULL, 2, NULL, NULL),
	(53, 5, 73, 3, 0, '2026-11-23 05:59:35.578179+00', '2026-11-23 05:59:35.682259+00', 'shopper-17/vase', 'shopper-17', 'email', 'shopper-17@example.com', 'Europe/Berlin', NULL, NULL, 2, NULL, NULL);
INSERT INTO restock.channel (name, kind, connection_id, connections, options) VALUES
	('email', 'email', 'restock_smtp', 32, '{}'),
	('webhook', 'webhook', 'restock_webhook', 16, '{}'),
	('sms', 'apprise', 'restock_apprise', 8, '{"tag": "sms"}'),
	('push', 'apprise', 'restock_apprise', 8, '{"tag": "push"}'),
	('chat', 'apprise', 'restock_apprise', 8, '{"tag": "chat"}');
INSERT INTO restock.notification (notification_key, opening_episode_id, opening_request_key, user_id, channel, store_id, locale, timezone, local_day, first_due_at, due_at, status, status_at, attempt_count, last_error, policy_id, created_at, forgiven_count) OVERRIDING SYSTEM VALUE VALUES
	(11, 2, 1, 'shopper-00', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-23', '2026-11-23 05:59:33.747699+00', '2026-11-23 05:59:34.854003+00', 'claimed', '2026-11-23 05:59:35.445141+00', 1, NULL, 2, '2026-11-23 05:59:33.747699+00', 0),
	(1, 1, 46, 'shopper-00', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-23', '2026-11-23 05:59:31.762248+00', '2026-11-23 05:59:31.762248+00', 'sent', '2026-11-23 05:59:32.882776+00', 1, NULL, 1, '2026-11-23 05:59:31.762248+00', 0),
	(4, 1, 49, 'shopper-09', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-23', '2026-11-23 05:59:31.762248+00', '2026-11-23 05:59:31.762248+00', 'sent', '2026-11-23 05:59:32.930224+00', 1, NULL, 1, '2026-11-23 05:59:31.762248+00', 0),
	(5, 1, 50, 'shopper-12', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-23', '2026-11-23 05:59:31.762248+00', '2026-11-23 05:59:31.762248+00', 'sent', '2026-11-23 05:59:32.931557+00', 1, NULL, 1, '2026-11-23 05:59:31.762248+00', 0),
	(6, 1, 51, 'shopper-15', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-23', '2026-11-23 05:59:31.762248+00', '2026-11-23 05:59:31.762248+00', 'sent', '2026-11-23 05:59:32.931587+00', 1, NULL, 1, '2026-11-23 05:59:31.762248+00', 0),
	(7, 1, 53, 'shopper-21', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-23', '2026-11-23 05:59:31.762248+00', '2026-11-23 05:59:31.762248+00', 'sent', '2026-11-23 05:59:32.931601+00', 1, NULL, 1, '2026-11-23 05:59:31.762248+00', 0),
	(8, 1, 54, 'shopper-24', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-23', '2026-11-23 05:59:31.762248+00', '2026-11-23 05:59:31.762248+00', 'sent', '2026-11-23 05:59:32.961377+00', 1, NULL, 1, '2026-11-23 05:59:31.762248+00', 0),
	(9, 1, 55, 'shopper-27', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-23', '2026-11-23 05:59:31.762248+00', '2026-11-23 05:59:31.762248+00', 'sent', '2026-11-23 05:59:32.961433+00', 1, NULL, 1, '2026-11-23 05:59:31.762248+00', 0),
	(10, 1, 88, 'web-1', 'email', 'main', NULL, 'UTC', '2026-11-23', '2026-11-23 05:59:31.762248+00', '2026-11-23 05:59:31.762248+00', 'sent', '2026-11-23 05:59:32.961441+00', 1, NULL, 1, '2026-11-23 05:59:31.762248+00', 0),
	(2, 1, 47, 'shopper-03', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-23', '2026-11-23 05:59:31.762248+00', '2026-11-23 05:59:31.762248+00', 'dead', '2026-11-23 05:59:32.96156+00', 1, '550 5.1.1 nobody of that name', 1, '2026-11-23 05:59:31.762248+00', 0),
	(3, 1, 48, 'shopper-06', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-23', '2026-11-23 05:59:31.762248+00', '2026-11-23 05:59:31.762248+00', 'dead', '2026-11-23 05:59:32.96156+00', 1, '554 5.6.0 not that', 1, '2026-11-23 05:59:31.762248+00', 0),
	(12, 2, 2, 'shopper-01', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-23', '2026-11-23 05:59:33.747699+00', '2026-11-23 05:59:34.854003+00', 'scheduled', '2026-11-23 05:59:33.747699+00', 0, NULL, 2, '2026-11-23 05:59:33.747699+00', 0),
	(13, 2, 4, 'shopper-04', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-23', '2026-11-23 05:59:33.747699+00', '2026-11-23 05:59:33.747699+00', 'scheduled', '2026-11-23 05:59:33.747699+00', 0, NULL, 2, '2026-11-23 05:59:33.747699+00', 0),
	(14, 2, 5, 'shopper-06', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-23', '2026-11-23 05:59:33.747699+00', '2026-11-23 05:59:33.747699+00', 'scheduled', '2026-11-23 05:59:33.747699+00', 0, NULL, 2, '2026-11-23 05:59:33.747699+00', 0),
	(15, 3, 26, 'shopper-07', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-23', '2026-11-23 05:59:33.747699+00', '2026-11-23 05:59:33.747699+00', 'scheduled', '2026-11-23 05:59:33.747699+00', 0, NULL, 2, '2026-11-23 05:59:33.747699+00', 0),
	(17, 2, 7, 'shopper-09', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-23', '2026-11-23 15:59:33.747699+00', '2026-11-23 15:59:33.747699+00', 'scheduled', '2026-11-23 05:59:33.747699+00', 0, NULL, 2, '2026-11-23 05:59:33.747699+00', 0),
	(18, 2, 9, 'shopper-12', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-23', '2026-11-23 15:59:33.747699+00', '2026-11-23 15:59:33.747699+00', 'scheduled', '2026-11-23 05:59:33.747699+00', 0, NULL, 2, '2026-11-23 05:59:33.747699+00', 0),
	(20, 3, 29, 'shopper-10', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-23', '2026-11-23 15:59:33.747699+00', '2026-11-23 15:59:33.747699+00', 'scheduled', '2026-11-23 05:59:33.747699+00', 0, NULL, 2, '2026-11-23 05:59:33.747699+00', 0),
	(23, 2, 11, 'shopper-15', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-24', '2026-11-24 01:59:33.747699+00', '2026-11-24 01:59:33.747699+00', 'scheduled', '2026-11-23 05:59:33.747699+00', 0, NULL, 2, '2026-11-23 05:59:33.747699+00', 0),
	(24, 2, 12, 'shopper-16', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-24', '2026-11-24 01:59:33.747699+00', '2026-11-24 01:59:33.747699+00', 'scheduled', '2026-11-23 05:59:33.747699+00', 0, NULL, 2, '2026-11-23 05:59:33.747699+00', 0),
	(25, 2, 13, 'shopper-18', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-24', '2026-11-24 01:59:33.747699+00', '2026-11-24 01:59:33.747699+00', 'scheduled', '2026-11-23 05:59:33.747699+00', 0, NULL, 2, '2026-11-23 05:59:33.747699+00', 0),
	(29, 2, 15, 'shopper-21', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-24', '2026-11-24 11:59:33.747699+00', '2026-11-24 11:59:33.747699+00', 'scheduled', '2026-11-23 05:59:33.747699+00', 0, NULL, 2, '2026-11-23 05:59:33.747699+00', 0),
	(30, 2, 16, 'shopper-22', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-24', '2026-11-24 11:59:33.747699+00', '2026-11-24 11:59:33.747699+00', 'scheduled', '2026-11-23 05:59:33.747699+00', 0, NULL, 2, '2026-11-23 05:59:33.747699+00', 0),
	(31, 2, 17, 'shopper-24', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-24', '2026-11-24 11:59:33.747699+00', '2026-11-24 11:59:33.747699+00', 'scheduled', '2026-11-23 05:59:33.747699+00', 0, NULL, 2, '2026-11-23 05:59:33.747699+00', 0),
	(34, 3, 36, 'shopper-19', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-24', '2026-11-24 11:59:33.747699+00', '2026-11-24 11:59:33.747699+00', 'scheduled', '2026-11-23 05:59:33.747699+00', 0, NULL, 2, '2026-11-23 05:59:33.747699+00', 0),
	(35, 2, 19, 'shopper-27', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-24', '2026-11-24 21:59:33.747699+00', '2026-11-24 21:59:33.747699+00', 'scheduled', '2026-11-23 05:59:33.747699+00', 0, NULL, 2, '2026-11-23 05:59:33.747699+00', 0),
	(36, 2, 20, 'shopper-28', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-24', '2026-11-24 21:59:33.747699+00', '2026-11-24 21:59:33.747699+00', 'scheduled', '2026-11-23 05:59:33.747699+00', 0, NULL, 2, '2026-11-23 05:59:33.747699+00', 0),
	(37, 3, 40, 'shopper-23', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-24', '2026-11-24 21:59:33.747699+00', '2026-11-24 21:59:33.747699+00', 'scheduled', '2026-11-23 05:59:33.747699+00', 0, NULL, 2, '2026-11-23 05:59:33.747699+00', 0),
	(38, 3, 41, 'shopper-25', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-24', '2026-11-24 21:59:33.747699+00', '2026-11-24 21:59:33.747699+00', 'scheduled', '2026-11-23 05:59:33.747699+00', 0, NULL, 2, '2026-11-23 05:59:33.747699+00', 0),
	(39, 3, 45, 'shopper-29', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-25', '2026-11-25 07:59:33.747699+00', '2026-11-25 07:59:33.747699+00', 'scheduled', '2026-11-23 05:59:33.747699+00', 0, NULL, 2, '2026-11-23 05:59:33.747699+00', 0),
	(16, 3, 25, 'shopper-05', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-23', '2026-11-23 05:59:33.747699+00', '2026-11-23 05:59:34.854003+00', 'scheduled', '2026-11-23 05:59:33.747699+00', 0, NULL, 2, '2026-11-23 05:59:33.747699+00', 0),
	(19, 2, 10, 'shopper-13', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-23', '2026-11-23 15:59:33.747699+00', '2026-11-23 15:59:34.854003+00', 'scheduled', '2026-11-23 05:59:33.747699+00', 0, NULL, 2, '2026-11-23 05:59:33.747699+00', 0),
	(21, 3, 30, 'shopper-11', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-23', '2026-11-23 15:59:33.747699+00', '2026-11-23 15:59:34.854003+00', 'scheduled', '2026-11-23 05:59:33.747699+00', 0, NULL, 2, '2026-11-23 05:59:33.747699+00', 0),
	(22, 2, 6, 'shopper-07', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-23', '2026-11-23 15:59:33.747699+00', '2026-11-23 15:59:34.854003+00', 'scheduled', '2026-11-23 05:59:33.747699+00', 0, NULL, 2, '2026-11-23 05:59:33.747699+00', 0),
	(26, 2, 14, 'shopper-19', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-24', '2026-11-24 01:59:33.747699+00', '2026-11-24 01:59:34.854003+00', 'scheduled', '2026-11-23 05:59:33.747699+00', 0, NULL, 2, '2026-11-23 05:59:33.747699+00', 0),
	(27, 3, 32, 'shopper-14', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-24', '2026-11-24 01:59:33.747699+00', '2026-11-24 01:59:34.854003+00', 'scheduled', '2026-11-23 05:59:33.747699+00', 0, NULL, 2, '2026-11-23 05:59:33.747699+00', 0),
	(28, 3, 35, 'shopper-17', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-24', '2026-11-24 01:59:33.747699+00', '2026-11-24 01:59:34.854003+00', 'scheduled', '2026-11-23 05:59:33.747699+00', 0, NULL, 2, '2026-11-23 05:59:33.747699+00', 0),
	(32, 2, 18, 'shopper-25', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-24', '2026-11-24 11:59:33.747699+00', '2026-11-24 11:59:34.854003+00', 'scheduled', '2026-11-23 05:59:33.747699+00', 0, NULL, 2, '2026-11-23 05:59:33.747699+00', 0),
	(33, 3, 37, 'shopper-20', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-24', '2026-11-24 11:59:33.747699+00', '2026-11-24 11:59:34.854003+00', 'scheduled', '2026-11-23 05:59:33.747699+00', 0, NULL, 2, '2026-11-23 05:59:33.747699+00', 0),
	(40, 4, 57, 'shopper-02', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-23', '2026-11-23 05:59:34.854003+00', '2026-11-23 05:59:34.854003+00', 'scheduled', '2026-11-23 05:59:34.854003+00', 0, NULL, 2, '2026-11-23 05:59:34.854003+00', 0),
	(41, 4, 67, 'shopper-23', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-24', '2026-11-24 11:59:34.854003+00', '2026-11-24 11:59:34.854003+00', 'scheduled', '2026-11-23 05:59:34.854003+00', 0, NULL, 2, '2026-11-23 05:59:34.854003+00', 0),
	(42, 4, 69, 'shopper-26', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-24', '2026-11-24 21:59:34.854003+00', '2026-11-24 21:59:34.854003+00', 'scheduled', '2026-11-23 05:59:34.854003+00', 0, NULL, 2, '2026-11-23 05:59:34.854003+00', 0),
	(43, 4, 70, 'shopper-29', 'email', 'main', NULL, 'Europe/Berlin', '2026-11-24', '2026-11-24 21:59:34.854003+00', '2026-11-24 21:59:34.854003+00', 'scheduled', '2026-11-23 05:59:34.854003+00', 0, NULL, 2, '2026-11-23 05:59:34.854003+00', 0);
INSERT INTO restock.click (click_id, notification_key, store_id, product_id, clicked_at) OVERRIDING SYSTEM VALUE VALUES
	(1, 1, 'main', 'lamp', '2026-11-23 05:59:33.114741+00'),
	(2, 9, 'main', 'lamp', '2026-11-23 05:59:33.227238+00'),
	(3, 6, 'main', 'lamp', '2026-11-23 05:59:33.352192+00'),
	(4, 8, 'main', 'lamp', '2026-11-23 05:59:33.482566+00');
INSERT INTO restock.confirmation (confirmation_key, confirmation_id, channel, contact_hash, store_id, contact, locale, status, asked_at, expires_at, due_at, lease_until, leased_by, attempt_count, last_error, sent_count, sent_at, confirmed_at) OVERRIDING SYSTEM VALUE VALUES
	(1, 'd8e34b3f-10e7-4561-bfb8-04ed29d591cf', 'email', '\xb530bd40ccbcdfbc0799b656a69cdf92', 'berlin', 'web@example.com', NULL, 'sent', '2026-11-23 05:59:31.640395+00', '2026-11-30 05:59:31.640395+00', '2026-11-23 05:59:31.640395+00', NULL, NULL, 0, NULL, 1, '2026-11-23 05:59:32.640786+00', NULL);
INSERT INTO restock.console_action (console_action_id, user_name, action, subject, detail, done_at) OVERRIDING SYSTEM VALUE VALUES
	(1, 'eve', 'replay_dead', '554', '{"why": "x"}', '2026-11-23 05:59:35.983053+00');
INSERT INTO restock.feed_file (feed_file_id, feed, path, byte_size, modified_at, content_hash, status, reason, read_count, loaded_count, rejected_count, duplicate_count, stale_count, unchanged_count, unknown_columns, run_id, recorded_at, origin, header_text) OVERRIDING SYSTEM VALUE VALUES
	(1, 'products', 'products/001.csv', 299, '1970-01-01 00:00:01+00', '72cb3e13bacf27234a2a2f43b5f0809537c292d2ebb93a194f264463ebeeb91b', 'loaded', NULL, 6, 6, 0, 0, 0, 0, '{}', 'fill', '2026-11-23 05:59:29.681709+00', 'file', 'product_id,name,price,currency,url'),
	(2, 'customers', 'customers/002.csv', 2014, '1970-01-01 00:00:02+00', 'fa7bd3bab52095fb0a1512a362e54155c2069277a949708e6bbfcc7d3be869c8', 'loaded', NULL, 30, 30, 0, 0, 0, 0, '{}', 'fill', '2026-11-23 05:59:29.748617+00', 'file', 'user_id,email,timezone,tier,phone'),
	(3, 'inventory', 'inventory/003.csv', 282, '1970-01-01 00:00:03+00', 'c958aa64d91095a341eb8004a57ec69167800a42aca10e23ac085708984ed6ee', 'loaded', NULL, 6, 6, 0, 0, 0, 0, '{}', 'fill', '2026-11-23 05:59:29.854091+00', 'file', 'product_id,available_quantity,snapshot_at'),
	(4, 'requests', 'requests/004.csv', 5381, '1970-01-01 00:00:04+00', 'e0e354f36177d0beb502a7d9ae397d178aec21028cbb01e10e9030ed9aa875aa', 'loaded', NULL, 75, 75, 0, 0, 0, 0, '{}', 'fill', '2026-11-23 05:59:29.926219+00', 'file', 'request_id,user_id,product_id,requested_at,surface,contact'),
	(5, 'requests', 'requests/005.csv', 897, '1970-01-01 00:00:05+00', '268556f371158c79c3d0510a7153018bfe83863efcf71a6333af441589c024b2', 'loaded', NULL, 11, 0, 0, 11, 0, 0, '{}', 'fill', '2026-11-23 05:59:30.114385+00', 'file', 'request_id,user_id,product_id,requested_at,surface,contact'),
	(6, 'requests', 'requests/006.csv', 400, '1970-01-01 00:00:06+00', 'c5eae1ee4e9e4313fdbdb91c0f1fecf2642422edf0517da36afa06d6cb604379', 'loaded', NULL, 4, 4, 0, 0, 0, 0, '{}', 'fill', '2026-11-23 05:59:30.346473+00', 'file', 'request_id,user_id,product_id,requested_at,surface,contact,action'),
	(7, 'requests', 'requests/007.csv', 139, '1970-01-01 00:00:07+00', 'c0670d89f9ea49cc67b5b051df4a9c691ff48dd3e36453901bb47407d59de442', 'loaded', NULL, 1, 1, 0, 0, 0, 0, '{}', 'fill', '2026-11-23 05:59:30.60862+00', 'file', 'request_id,user_id,product_id,requested_at,surface,contact,action'),
	(8, 'requests', 'requests/008.csv', 116, '1970-01-01 00:00:08+00', 'f8f63d2614d10b180abd405567b2dd959979010f4f28d33ace83aca699834c49', 'loaded', NULL, 1, 1, 0, 0, 0, 0, '{}', 'fill', '2026-11-23 05:59:30.780733+00', 'file', 'request_id,user_id,product_id,requested_at,surface,contact'),
	(9, 'requests', 'requests/009.csv', 215, '1970-01-01 00:00:09+00', '677f2c5c794f5a70720081b60af0324c696794e466bac500ecaa216040d93645', 'loaded', NULL, 2, 0, 2, 0, 0, 0, '{}', 'fill', '2026-11-23 05:59:30.955749+00', 'file', 'request_id,user_id,product_id,requested_at,surface,contact,timezone'),
	(10, 'suppressions', 'suppressions/010.csv', 62, '1970-01-01 00:00:10+00', 'b8be3087c46f89e70d71daee1872a72e979555f8c2282901eade886d9bc20763', 'loaded', NULL, 1, 1, 0, 0, 0, 0, '{}', 'fill', '2026-11-23 05:59:31.145267+00', 'file', 'channel,contact,reason'),
	(11, 'requests', 'requests/broken.parquet', 24, '1970-01-01 00:00:11+00', NULL, 'failed', 'The file cannot be read as Parquet (Parquet magic bytes not found in footer. Either the file is corrupted or this is not a parquet file): deliver it again, whole.', 0, 0, 0, 0, 0, 0, '{}', 'fill', '2026-11-23 05:59:31.221887+00', 'file', NULL),
	(12, 'requests', 'inbox/requests/1-1', 172, '2026-11-23 05:59:31.310186+00', 'fb3748fa2b72491538edceef12bebea8d135ced1f69b4a0830bb10c4729d04a7', 'loaded', NULL, 1, 1, 0, 0, 0, 0, '{}', 'fill', '2026-11-23 05:59:31.345483+00', 'inbox', NULL),
	(13, 'inventory', 'inventory/012.csv', 83, '1970-01-01 00:00:12+00', '2ac3f08ac82646a1f211197bae580f68a626e10d5ddd52d1932901b950fa096d', 'loaded', NULL, 1, 1, 0, 0, 0, 0, '{}', 'fill', '2026-11-23 05:59:31.694521+00', 'file', 'product_id,available_quantity,snapshot_at'),
	(14, 'orders', 'orders/013.csv', 278, '1970-01-01 00:00:13+00', 'd1ec2cf857122d7df2d679d01bfffe85811e55cf2c963cbefb47e3a357cad3d1', 'loaded', NULL, 4, 4, 0, 0, 0, 0, '{}', 'fill', '2026-11-23 05:59:33.558154+00', 'file', 'order_id,user_id,product_id,ordered_at,amount'),
	(15, 'inventory', 'inventory/014.csv', 123, '1970-01-01 00:00:14+00', '9462df1ab694e18e8ca6c8775a30db5f3cf5bcd5e60ad31d3921102586dd3899', 'loaded', NULL, 2, 2, 0, 0, 0, 0, '{}', 'fill', '2026-11-23 05:59:33.660929+00', 'file', 'product_id,available_quantity,snapshot_at'),
	(16, 'inventory', 'inventory/015.csv', 82, '1970-01-01 00:00:15+00', 'cc51cdc666d54ae9ec1cd1193dd381b008e83726101710cd81874bb45cb782d7', 'loaded', NULL, 1, 1, 0, 0, 0, 0, '{}', 'fill', '2026-11-23 05:59:34.186172+00', 'file', 'product_id,available_quantity,snapshot_at'),
	(17, 'requests', 'replay/fill/requests/009.csv#1', 127, '2026-11-23 05:59:34.510292+00', '1c215ac0e7e014531318c438cec8224b7f9adcfe46505aa4831607df17dc6922', 'loaded', NULL, 2, 1, 0, 1, 0, 0, '{}', 'fill', '2026-11-23 05:59:34.526513+00', 'replay', 'request_id,user_id,product_id,requested_at,surface,contact,timezone'),
	(18, 'inventory', 'inventory/016.csv', 82, '1970-01-01 00:00:16+00', 'dde4e83aec823bd7299f74af40e9bd42029097091d66ef276c81f3862f77b557', 'loaded', NULL, 1, 1, 0, 0, 0, 0, '{}', 'fill', '2026-11-23 05:59:34.77817+00', 'file', 'product_id,available_quantity,snapshot_at'),
	(19, 'inventory', 'inventory/017.csv', 82, '1970-01-01 00:00:17+00', '1b993d8573115b3c83eb0ab6ff794a9f3dd3e4cd6fc23d3a89824f50bfffa4a6', 'loaded', NULL, 1, 1, 0, 0, 0, 0, '{}', 'fill', '2026-11-23 05:59:35.486221+00', 'file', 'product_id,available_quantity,snapshot_at');
INSERT INTO restock.customer (user_id, email, phone, webhook_url, locale, timezone, preferred_channel, tier, consent, feed_file_id, updated_at) VALUES
	('shopper-00', 'shopper-00@example.com', '+49 170 5550100', NULL, NULL, 'Europe/Berlin', NULL, 0, true, 2, '2026-11-23 05:59:29.748617+00'),
	('shopper-01', 'shopper-01@example.com', '+49 170 5550101', NULL, NULL, 'Europe/Berlin', NULL, 1, true, 2, '2026-11-23 05:59:29.748617+00'),
	('shopper-02', 'shopper-02@example.com', '+49 170 5550102', NULL, NULL, 'Europe/Berlin', NULL, 2, true, 2, '2026-11-23 05:59:29.748617+00'),
	('shopper-03', 'shopper-03@example.com', '+49 170 5550103', NULL, NULL, 'Europe/Berlin', NULL, 0, true, 2, '2026-11-23 05:59:29.748617+00'),
	('shopper-04', 'shopper-04@example.com', '+49 170 5550104', NULL, NULL, 'Europe/Berlin', NULL, 1, true, 2, '2026-11-23 05:59:29.748617+00'),
	('shopper-05', 'shopper-05@example.com', '+49 170 5550105', NULL, NULL, 'Europe/Berlin', NULL, 2, true, 2, '2026-11-23 05:59:29.748617+00'),
	('shopper-06', 'shopper-06@example.com', '+49 170 5550106', NULL, NULL, 'Europe/Berlin', NULL, 0, true, 2, '2026-11-23 05:59:29.748617+00'),
	('shopper-07', 'shopper-07@example.com', '+49 170 5550107', NULL, NULL, 'Europe/Berlin', NULL, 1, true, 2, '2026-11-23 05:59:29.748617+00'),
	('shopper-09', 'shopper-09@example.com', '+49 170 5550109', NULL, NULL, 'Europe/Berlin', NULL, 0, true, 2, '2026-11-23 05:59:29.748617+00'),
	('shopper-10', 'shopper-10@example.com', '+49 170 5550110', NULL, NULL, 'Europe/Berlin', NULL, 1, true, 2, '2026-11-23 05:59:29.748617+00'),
	('shopper-11', 'shopper-11@example.com', '+49 170 5550111', NULL, NULL, 'Europe/Berlin', NULL, 2, true, 2, '2026-11-23 05:59:29.748617+00'),
	('shopper-12', 'shopper-12@example.com', '+49 170 5550112', NULL, NULL, 'Europe/Berlin', NULL, 0, true, 2, '2026-11-23 05:59:29.748617+00'),
	('shopper-13', 'shopper-13@example.com', '+49 170 5550113', NULL, NULL, 'Europe/Berlin', NULL, 1, true, 2, '2026-11-23 05:59:29.748617+00'),
	('shopper-14', 'shopper-14@example.com', '+49 170 5550114', NULL, NULL, 'Europe/Berlin', NULL, 2, true, 2, '2026-11-23 05:59:29.748617+00'),
	('shopper-15', 'shopper-15@example.com', '+49 170 5550115', NULL, NULL, 'Europe/Berlin', NULL, 0, true, 2, '2026-11-23 05:59:29.748617+00'),
	('shopper-16', 'shopper-16@example.com', '+49 170 5550116', NULL, NULL, 'Europe/Berlin', NULL, 1, true, 2, '2026-11-23 05:59:29.748617+00'),
	('shopper-17', 'shopper-17@example.com', '+49 170 5550117', NULL, NULL, 'Europe/Berlin', NULL, 2, true, 2, '2026-11-23 05:59:29.748617+00'),
	('shopper-18', 'shopper-18@example.com', '+49 170 5550118', NULL, NULL, 'Europe/Berlin', NULL, 0, true, 2, '2026-11-23 05:59:29.748617+00'),
	('shopper-19', 'shopper-19@example.com', '+49 170 5550119', NULL, NULL, 'Europe/Berlin', NULL, 1, true, 2, '2026-11-23 05:59:29.748617+00'),
	('shopper-20', 'shopper-20@example.com', '+49 170 5550120', NULL, NULL, 'Europe/Berlin', NULL, 2, true, 2, '2026-11-23 05:59:29.748617+00'),
	('shopper-21', 'shopper-21@example.com', '+49 170 5550121', NULL, NULL, 'Europe/Berlin', NULL, 0, true, 2, '2026-11-23 05:59:29.748617+00'),
	('shopper-22', 'shopper-22@example.com', '+49 170 5550122', NULL, NULL, 'Europe/Berlin', NULL, 1, true, 2, '2026-11-23 05:59:29.748617+00'),
	('shopper-23', 'shopper-23@example.com', '+49 170 5550123', NULL, NULL, 'Europe/Berlin', NULL, 2, true, 2, '2026-11-23 05:59:29.748617+00'),
	('shopper-24', 'shopper-24@example.com', '+49 170 5550124', NULL, NULL, 'Europe/Berlin', NULL, 0, true, 2, '2026-11-23 05:59:29.748617+00'),
	('shopper-25', 'shopper-25@example.com', '+49 170 5550125', NULL, NULL, 'Europe/Berlin', NULL, 1, true, 2, '2026-11-23 05:59:29.748617+00'),
	('shopper-26', 'shopper-26@example.com', '+49 170 5550126', NULL, NULL, 'Europe/Berlin', NULL, 2, true, 2, '2026-11-23 05:59:29.748617+00'),
	('shopper-27', 'shopper-27@example.com', '+49 170 5550127', NULL, NULL, 'Europe/Berlin', NULL, 0, true, 2, '2026-11-23 05:59:29.748617+00'),
	('shopper-28', 'shopper-28@example.com', '+49 170 5550128', NULL, NULL, 'Europe/Berlin', NULL, 1, true, 2, '2026-11-23 05:59:29.748617+00'),
	('shopper-29', 'shopper-29@example.com', '+49 170 5550129', NULL, NULL, 'Europe/Berlin', NULL, 2, true, 2, '2026-11-23 05:59:29.748617+00'),
	('erased-15f0deea-0ba9-46d5-a8f2-5c031881d663', NULL, NULL, NULL, NULL, 'Europe/Berlin', NULL, 2, true, 2, '2026-11-23 05:59:29.748617+00');
INSERT INTO restock.decision (episode_id, request_key, outcome, rule, "position", wave, due_at, scheduled_at, notification_key, dropped_at, policy_id, decided_at, trace, ranked_at, seen_tier, seen_timezone, seen_address, seen_told_at, seen_category, seen_messages) VALUES
	(1, 46, 'told', 'queue', 1, 0, '2026-11-23 05:59:31.762248+00', '2026-11-23 05:59:31.762248+00', 1, NULL, 1, '2026-11-23 05:59:31.762248+00', 'queue', NULL, NULL, 'Europe/Berlin', 142035343, NULL, NULL, NULL),
	(1, 47, 'told', 'queue', 2, 0, '2026-11-23 05:59:31.762248+00', '2026-11-23 05:59:31.762248+00', 2, NULL, 1, '2026-11-23 05:59:31.762248+00', 'queue', NULL, NULL, 'Europe/Berlin', 1917197783, NULL, NULL, NULL),
	(1, 48, 'told', 'queue', 3, 0, '2026-11-23 05:59:31.762248+00', '2026-11-23 05:59:31.762248+00', 3, NULL, 1, '2026-11-23 05:59:31.762248+00', 'queue', NULL, NULL, 'Europe/Berlin', 995440277, NULL, NULL, NULL),
	(1, 49, 'told', 'queue', 4, 0, '2026-11-23 05:59:31.762248+00', '2026-11-23 05:59:31.762248+00', 4, NULL, 1, '2026-11-23 05:59:31.762248+00', 'queue', NULL, NULL, 'Europe/Berlin', -1154252391, NULL, NULL, NULL),
	(1, 50, 'told', 'queue', 5, 0, '2026-11-23 05:59:31.762248+00', '2026-11-23 05:59:31.762248+00', 5, NULL, 1, '2026-11-23 05:59:31.762248+00', 'queue', NULL, NULL, 'Europe/Berlin', -2144624453, NULL, NULL, NULL),
	(1, 51, 'told', 'queue', 6, 0, '2026-11-23 05:59:31.762248+00', '2026-11-23 05:59:31.762248+00', 6, NULL, 1, '2026-11-23 05:59:31.762248+00', 'queue', NULL, NULL, 'Europe/Berlin', -1493770897, NULL, NULL, NULL),
	(1, 53, 'told', 'queue', 7, 0, '2026-11-23 05:59:31.762248+00', '2026-11-23 05:59:31.762248+00', 7, NULL, 1, '2026-11-23 05:59:31.762248+00', 'queue', NULL, NULL, 'Europe/Berlin', 457535372, NULL, NULL, NULL),
	(1, 54, 'told', 'queue', 8, 0, '2026-11-23 05:59:31.762248+00', '2026-11-23 05:59:31.762248+00', 8, NULL, 1, '2026-11-23 05:59:31.762248+00', 'queue', NULL, NULL, 'Europe/Berlin', 105659597, NULL, NULL, NULL),
	(1, 55, 'told', 'queue', 9, 0, '2026-11-23 05:59:31.762248+00', '2026-11-23 05:59:31.762248+00', 9, NULL, 1, '2026-11-23 05:59:31.762248+00', 'queue', NULL, NULL, 'Europe/Berlin', -1684436895, NULL, NULL, NULL),
	(1, 88, 'told', 'queue', 10, 0, '2026-11-23 05:59:31.762248+00', '2026-11-23 05:59:31.762248+00', 10, NULL, 1, '2026-11-23 05:59:31.762248+00', 'queue', NULL, NULL, NULL, 1274860387, NULL, NULL, NULL),
	(2, 1, 'told', 'queue', 1, 0, '2026-11-23 05:59:33.747699+00', '2026-11-23 05:59:33.747699+00', 11, NULL, 2, '2026-11-23 05:59:33.747699+00', 'queue', NULL, NULL, 'Europe/Berlin', 142035343, NULL, NULL, '1/2026-11-23/2026-11-23T05:59:31.762248Z/2026-11-23T05:59:31.762248Z'),
	(2, 2, 'told', 'queue', 2, 0, '2026-11-23 05:59:33.747699+00', '2026-11-23 05:59:33.747699+00', 12, NULL, 2, '2026-11-23 05:59:33.747699+00', 'queue digest', NULL, 1, 'Europe/Berlin', -1275943113, NULL, NULL, NULL),
	(2, 4, 'told', 'queue', 3, 0, '2026-11-23 05:59:33.747699+00', '2026-11-23 05:59:33.747699+00', 13, NULL, 2, '2026-11-23 05:59:33.747699+00', 'queue digest', NULL, 1, 'Europe/Berlin', -951019612, NULL, NULL, NULL),
	(2, 5, 'told', 'queue', 4, 0, '2026-11-23 05:59:33.747699+00', '2026-11-23 05:59:33.747699+00', 14, NULL, 2, '2026-11-23 05:59:33.747699+00', 'queue', NULL, NULL, 'Europe/Berlin', 995440277, NULL, NULL, NULL),
	(2, 6, 'told', 'queue', 5, 1, '2026-11-23 15:59:33.747699+00', '2026-11-23 15:59:33.747699+00', 22, NULL, 2, '2026-11-23 05:59:33.747699+00', 'queue waves>2026-11-23T15:59:33.747699Z', NULL, 1, 'Europe/Berlin', 203045186, NULL, NULL, NULL),
	(2, 7, 'told', 'queue', 6, 1, '2026-11-23 15:59:33.747699+00', '2026-11-23 15:59:33.747699+00', 17, NULL, 2, '2026-11-23 05:59:33.747699+00', 'queue waves>2026-11-23T15:59:33.747699Z digest', NULL, NULL, 'Europe/Berlin', -1154252391, NULL, NULL, '4/2026-11-23/2026-11-23T05:59:31.762248Z/2026-11-23T05:59:31.762248Z'),
	(2, 9, 'told', 'queue', 7, 1, '2026-11-23 15:59:33.747699+00', '2026-11-23 15:59:33.747699+00', 18, NULL, 2, '2026-11-23 05:59:33.747699+00', 'queue waves>2026-11-23T15:59:33.747699Z', NULL, NULL, 'Europe/Berlin', -2144624453, NULL, NULL, '5/2026-11-23/2026-11-23T05:59:31.762248Z/2026-11-23T05:59:31.762248Z'),
	(2, 10, 'told', 'queue', 8, 1, '2026-11-23 15:59:33.747699+00', '2026-11-23 15:59:33.747699+00', 19, NULL, 2, '2026-11-23 05:59:33.747699+00', 'queue waves>2026-11-23T15:59:33.747699Z digest', NULL, 1, 'Europe/Berlin', 1035714025, NULL, NULL, NULL),
	(2, 11, 'told', 'queue', 9, 2, '2026-11-24 01:59:33.747699+00', '2026-11-24 01:59:33.747699+00', 23, NULL, 2, '2026-11-23 05:59:33.747699+00', 'queue waves>2026-11-24T01:59:33.747699Z digest', NULL, NULL, 'Europe/Berlin', -1493770897, NULL, NULL, '6/2026-11-23/2026-11-23T05:59:31.762248Z/2026-11-23T05:59:31.762248Z'),
	(2, 12, 'told', 'queue', 10, 2, '2026-11-24 01:59:33.747699+00', '2026-11-24 01:59:33.747699+00', 24, NULL, 2, '2026-11-23 05:59:33.747699+00', 'queue waves>2026-11-24T01:59:33.747699Z digest', NULL, 1, 'Europe/Berlin', -1456320521, NULL, NULL, NULL),
	(2, 13, 'told', 'queue', 11, 2, '2026-11-24 01:59:33.747699+00', '2026-11-24 01:59:33.747699+00', 25, NULL, 2, '2026-11-23 05:59:33.747699+00', 'queue waves>2026-11-24T01:59:33.747699Z', NULL, NULL, 'Europe/Berlin', 873265800, NULL, NULL, NULL),
	(2, 14, 'told', 'queue', 12, 2, '2026-11-24 01:59:33.747699+00', '2026-11-24 01:59:33.747699+00', 26, NULL, 2, '2026-11-23 05:59:33.747699+00', 'queue waves>2026-11-24T01:59:33.747699Z', NULL, 1, 'Europe/Berlin', -186000342, NULL, NULL, NULL),
	(2, 15, 'told', 'queue', 13, 3, '2026-11-24 11:59:33.747699+00', '2026-11-24 11:59:33.747699+00', 29, NULL, 2, '2026-11-23 05:59:33.747699+00', 'queue waves>2026-11-24T11:59:33.747699Z digest', NULL, NULL, 'Europe/Berlin', 457535372, NULL, NULL, '7/2026-11-23/2026-11-23T05:59:31.762248Z/2026-11-23T05:59:31.762248Z'),
	(2, 16, 'told', 'queue', 14, 3, '2026-11-24 11:59:33.747699+00', '2026-11-24 11:59:33.747699+00', 30, NULL, 2, '2026-11-23 05:59:33.747699+00', 'queue waves>2026-11-24T11:59:33.747699Z digest', NULL, 1, 'Europe/Berlin', -34248554, NULL, NULL, NULL),
	(2, 17, 'told', 'queue', 15, 3, '2026-11-24 11:59:33.747699+00', '2026-11-24 11:59:33.747699+00', 31, NULL, 2, '2026-11-23 05:59:33.747699+00', 'queue waves>2026-11-24T11:59:33.747699Z', NULL, NULL, 'Europe/Berlin', 105659597, NULL, NULL, '8/2026-11-23/2026-11-23T05:59:31.762248Z/2026-11-23T05:59:31.762248Z'),
	(2, 18, 'told', 'queue', 16, 3, '2026-11-24 11:59:33.747699+00', '2026-11-24 11:59:33.747699+00', 32, NULL, 2, '2026-11-23 05:59:33.747699+00', 'queue waves>2026-11-24T11:59:33.747699Z', NULL, 1, 'Europe/Berlin', 1223310602, NULL, NULL, NULL),
	(2, 19, 'told', 'queue', 17, 4, '2026-11-24 21:59:33.747699+00', '2026-11-24 21:59:33.747699+00', 35, NULL, 2, '2026-11-23 05:59:33.747699+00', 'queue waves>2026-11-24T21:59:33.747699Z digest', NULL, NULL, 'Europe/Berlin', -1684436895, NULL, NULL, '9/2026-11-23/2026-11-23T05:59:31.762248Z/2026-11-23T05:59:31.762248Z'),
	(2, 20, 'told', 'queue', 18, 4, '2026-11-24 21:59:33.747699+00', '2026-11-24 21:59:33.747699+00', 36, NULL, 2, '2026-11-23 05:59:33.747699+00', 'queue waves>2026-11-24T21:59:33.747699Z digest', NULL, 1, 'Europe/Berlin', -39575269, NULL, NULL, NULL),
	(3, 21, 'merged', 'digest', 1, 0, '2026-11-23 05:59:33.747699+00', '2026-11-23 05:59:33.747699+00', 12, NULL, 2, '2026-11-23 05:59:33.747699+00', 'queue digest', NULL, 1, 'Europe/Berlin', -1275943113, NULL, NULL, NULL),
	(3, 24, 'merged', 'digest', 2, 0, '2026-11-23 05:59:33.747699+00', '2026-11-23 05:59:33.747699+00', 13, NULL, 2, '2026-11-23 05:59:33.747699+00', 'queue digest', NULL, 1, 'Europe/Berlin', -951019612, NULL, NULL, NULL),
	(3, 25, 'told', 'queue', 3, 0, '2026-11-23 05:59:33.747699+00', '2026-11-23 05:59:33.747699+00', 16, NULL, 2, '2026-11-23 05:59:33.747699+00', 'queue', NULL, 2, 'Europe/Berlin', -489139811, NULL, NULL, NULL),
	(3, 26, 'told', 'queue', 4, 0, '2026-11-23 05:59:33.747699+00', '2026-11-23 05:59:33.747699+00', 15, NULL, 2, '2026-11-23 05:59:33.747699+00', 'queue', NULL, 1, 'Europe/Berlin', 203045186, NULL, NULL, NULL),
	(3, 28, 'merged', 'digest', 5, 1, '2026-11-23 15:59:33.747699+00', '2026-11-23 15:59:33.747699+00', 17, NULL, 2, '2026-11-23 05:59:33.747699+00', 'queue waves>2026-11-23T15:59:33.747699Z digest', NULL, NULL, 'Europe/Berlin', -1154252391, NULL, NULL, NULL),
	(3, 29, 'told', 'queue', 6, 1, '2026-11-23 15:59:33.747699+00', '2026-11-23 15:59:33.747699+00', 20, NULL, 2, '2026-11-23 05:59:33.747699+00', 'queue waves>2026-11-23T15:59:33.747699Z', NULL, 1, 'Europe/Berlin', -502077479, NULL, NULL, NULL),
	(3, 30, 'told', 'queue', 7, 1, '2026-11-23 15:59:33.747699+00', '2026-11-23 15:59:33.747699+00', 21, NULL, 2, '2026-11-23 05:59:33.747699+00', 'queue waves>2026-11-23T15:59:33.747699Z', NULL, 2, 'Europe/Berlin', -1096391986, NULL, NULL, NULL),
	(3, 31, 'merged', 'digest', 8, 1, '2026-11-23 15:59:33.747699+00', '2026-11-23 15:59:33.747699+00', 19, NULL, 2, '2026-11-23 05:59:33.747699+00', 'queue waves>2026-11-23T15:59:33.747699Z digest', NULL, 1, 'Europe/Berlin', 1035714025, NULL, NULL, NULL),
	(3, 32, 'told', 'queue', 9, 2, '2026-11-24 01:59:33.747699+00', '2026-11-24 01:59:33.747699+00', 27, NULL, 2, '2026-11-23 05:59:33.747699+00', 'queue waves>2026-11-24T01:59:33.747699Z', NULL, 2, 'Europe/Berlin', 955082864, NULL, NULL, NULL),
	(3, 33, 'merged', 'digest', 10, 2, '2026-11-24 01:59:33.747699+00', '2026-11-24 01:59:33.747699+00', 23, NULL, 2, '2026-11-23 05:59:33.747699+00', 'queue waves>2026-11-24T01:59:33.747699Z digest', NULL, NULL, 'Europe/Berlin', -1493770897, NULL, NULL, NULL),
	(3, 34, 'merged', 'digest', 11, 2, '2026-11-24 01:59:33.747699+00', '2026-11-24 01:59:33.747699+00', 24, NULL, 2, '2026-11-23 05:59:33.747699+00', 'queue waves>2026-11-24T01:59:33.747699Z digest', NULL, 1, 'Europe/Berlin', -1456320521, NULL, NULL, NULL),
	(3, 35, 'told', 'queue', 12, 2, '2026-11-24 01:59:33.747699+00', '2026-11-24 01:59:33.747699+00', 28, NULL, 2, '2026-11-23 05:59:33.747699+00', 'queue waves>2026-11-24T01:59:33.747699Z', NULL, 2, 'Europe/Berlin', 1533775969, NULL, NULL, NULL),
	(3, 36, 'told', 'queue', 13, 3, '2026-11-24 11:59:33.747699+00', '2026-11-24 11:59:33.747699+00', 34, NULL, 2, '2026-11-23 05:59:33.747699+00', 'queue waves>2026-11-24T11:59:33.747699Z', NULL, 1, 'Europe/Berlin', -186000342, NULL, NULL, NULL),
	(3, 37, 'told', 'queue', 14, 3, '2026-11-24 11:59:33.747699+00', '2026-11-24 11:59:33.747699+00', 33, NULL, 2, '2026-11-23 05:59:33.747699+00', 'queue waves>2026-11-24T11:59:33.747699Z', NULL, 2, 'Europe/Berlin', -1762717154, NULL, NULL, NULL),
	(3, 38, 'merged', 'digest', 15, 3, '2026-11-24 11:59:33.747699+00', '2026-11-24 11:59:33.747699+00', 29, NULL, 2, '2026-11-23 05:59:33.747699+00', 'queue waves>2026-11-24T11:59:33.747699Z digest', NULL, NULL, 'Europe/Berlin', 457535372, NULL, NULL, NULL),
	(3, 39, 'merged', 'digest', 16, 3, '2026-11-24 11:59:33.747699+00', '2026-11-24 11:59:33.747699+00', 30, NULL, 2, '2026-11-23 05:59:33.747699+00', 'queue waves>2026-11-24T11:59:33.747699Z digest', NULL, 1, 'Europe/Berlin', -34248554, NULL, NULL, NULL),
	(3, 40, 'told', 'queue', 17, 4, '2026-11-24 21:59:33.747699+00', '2026-11-24 21:59:33.747699+00', 37, NULL, 2, '2026-11-23 05:59:33.747699+00', 'queue waves>2026-11-24T21:59:33.747699Z', NULL, 2, 'Europe/Berlin', -263004468, NULL, NULL, NULL),
	(3, 41, 'told', 'queue', 18, 4, '2026-11-24 21:59:33.747699+00', '2026-11-24 21:59:33.747699+00', 38, NULL, 2, '2026-11-23 05:59:33.747699+00', 'queue waves>2026-11-24T21:59:33.747699Z', NULL, 1, 'Europe/Berlin', 1223310602, NULL, NULL, NULL),
	(3, 43, 'merged', 'digest', 19, 4, '2026-11-24 21:59:33.747699+00', '2026-11-24 21:59:33.747699+00', 35, NULL, 2, '2026-11-23 05:59:33.747699+00', 'queue waves>2026-11-24T21:59:33.747699Z digest', NULL, NULL, 'Europe/Berlin', -1684436895, NULL, NULL, NULL),
	(3, 44, 'merged', 'digest', 20, 4, '2026-11-24 21:59:33.747699+00', '2026-11-24 21:59:33.747699+00', 36, NULL, 2, '2026-11-23 05:59:33.747699+00', 'queue waves>2026-11-24T21:59:33.747699Z digest', NULL, 1, 'Europe/Berlin', -39575269, NULL, NULL, NULL),
	(3, 45, 'told', 'queue', 21, 5, '2026-11-25 07:59:33.747699+00', '2026-11-25 07:59:33.747699+00', 39, NULL, 2, '2026-11-23 05:59:33.747699+00', 'queue waves>2026-11-25T07:59:33.747699Z', NULL, 2, 'Europe/Berlin', 638869683, NULL, NULL, NULL),
	(1, 90, 'merged', 'digest', 11, 0, '2026-11-23 05:59:34.854003+00', '2026-11-23 05:59:34.854003+00', 11, NULL, 2, '2026-11-23 05:59:34.854003+00', 'queue now>2026-11-23T05:59:34.854003Z digest', NULL, NULL, 'UTC', 142035343, '2026-11-23 05:59:32.882776+00', NULL, '1/2026-11-23/2026-11-23T05:59:31.762248Z/2026-11-23T05:59:31.762248Z 11/2026-11-23/2026-11-23T05:59:33.747699Z/2026-11-23T05:59:33.747699Z+'),
	(4, 56, 'merged', 'digest', 1, 0, '2026-11-23 05:59:34.854003+00', '2026-11-23 05:59:34.854003+00', 12, NULL, 2, '2026-11-23 05:59:34.854003+00', 'queue digest', NULL, 1, 'Europe/Berlin', -1275943113, NULL, NULL, '12/2026-11-23/2026-11-23T05:59:33.747699Z/2026-11-23T05:59:33.747699Z+'),
	(4, 57, 'told', 'queue', 2, 0, '2026-11-23 05:59:34.854003+00', '2026-11-23 05:59:34.854003+00', 40, NULL, 2, '2026-11-23 05:59:34.854003+00', 'queue', NULL, 2, 'Europe/Berlin', 1220688491, NULL, NULL, NULL),
	(4, 58, 'merged', 'digest', 3, 0, '2026-11-23 05:59:34.854003+00', '2026-11-23 05:59:34.854003+00', 16, NULL, 2, '2026-11-23 05:59:34.854003+00', 'queue digest', NULL, 2, 'Europe/Berlin', -489139811, NULL, NULL, '16/2026-11-23/2026-11-23T05:59:33.747699Z/2026-11-23T05:59:33.747699Z+'),
	(4, 59, 'merged', 'digest', 4, 1, '2026-11-23 15:59:34.854003+00', '2026-11-23 15:59:34.854003+00', 22, NULL, 2, '2026-11-23 05:59:34.854003+00', 'queue waves>2026-11-23T15:59:34.854003Z digest', NULL, 1, 'Europe/Berlin', 203045186, NULL, NULL, '15/2026-11-23/2026-11-23T05:59:33.747699Z/2026-11-23T05:59:33.747699Z+ 22/2026-11-23/2026-11-23T15:59:33.747699Z/2026-11-23T15:59:33.747699Z+'),
	(4, 61, 'merged', 'digest', 5, 1, '2026-11-23 15:59:34.854003+00', '2026-11-23 15:59:34.854003+00', 21, NULL, 2, '2026-11-23 05:59:34.854003+00', 'queue waves>2026-11-23T15:59:34.854003Z digest', NULL, 2, 'Europe/Berlin', -1096391986, NULL, NULL, '21/2026-11-23/2026-11-23T15:59:33.747699Z/2026-11-23T15:59:33.747699Z+'),
	(4, 62, 'merged', 'digest', 6, 1, '2026-11-23 15:59:34.854003+00', '2026-11-23 15:59:34.854003+00', 19, NULL, 2, '2026-11-23 05:59:34.854003+00', 'queue waves>2026-11-23T15:59:34.854003Z digest', NULL, 1, 'Europe/Berlin', 1035714025, NULL, NULL, '19/2026-11-23/2026-11-23T15:59:33.747699Z/2026-11-23T15:59:33.747699Z+'),
	(4, 63, 'merged', 'digest', 7, 2, '2026-11-24 01:59:34.854003+00', '2026-11-24 01:59:34.854003+00', 27, NULL, 2, '2026-11-23 05:59:34.854003+00', 'queue waves>2026-11-24T01:59:34.854003Z digest', NULL, 2, 'Europe/Berlin', 955082864, NULL, NULL, '27/2026-11-24/2026-11-24T01:59:33.747699Z/2026-11-24T01:59:33.747699Z+'),
	(4, 64, 'merged', 'digest', 8, 2, '2026-11-24 01:59:34.854003+00', '2026-11-24 01:59:34.854003+00', 28, NULL, 2, '2026-11-23 05:59:34.854003+00', 'queue waves>2026-11-24T01:59:34.854003Z digest', NULL, 2, 'Europe/Berlin', 1533775969, NULL, NULL, '28/2026-11-24/2026-11-24T01:59:33.747699Z/2026-11-24T01:59:33.747699Z+'),
	(4, 65, 'merged', 'digest', 9, 2, '2026-11-24 01:59:34.854003+00', '2026-11-24 01:59:34.854003+00', 26, NULL, 2, '2026-11-23 05:59:34.854003+00', 'queue waves>2026-11-24T01:59:34.854003Z digest', NULL, 1, 'Europe/Berlin', -186000342, NULL, NULL, '26/2026-11-24/2026-11-24T01:59:33.747699Z/2026-11-24T01:59:33.747699Z+ 34/2026-11-24/2026-11-24T11:59:33.747699Z/2026-11-24T11:59:33.747699Z+'),
	(4, 66, 'merged', 'digest', 10, 3, '2026-11-24 11:59:34.854003+00', '2026-11-24 11:59:34.854003+00', 33, NULL, 2, '2026-11-23 05:59:34.854003+00', 'queue waves>2026-11-24T11:59:34.854003Z digest', NULL, 2, 'Europe/Berlin', -1762717154, NULL, NULL, '33/2026-11-24/2026-11-24T11:59:33.747699Z/2026-11-24T11:59:33.747699Z+'),
	(4, 67, 'told', 'queue', 11, 3, '2026-11-24 11:59:34.854003+00', '2026-11-24 11:59:34.854003+00', 41, NULL, 2, '2026-11-23 05:59:34.854003+00', 'queue waves>2026-11-24T11:59:34.854003Z', NULL, 2, 'Europe/Berlin', -263004468, NULL, NULL, '37/2026-11-24/2026-11-24T21:59:33.747699Z/2026-11-24T21:59:33.747699Z+'),
	(4, 68, 'merged', 'digest', 12, 3, '2026-11-24 11:59:34.854003+00', '2026-11-24 11:59:34.854003+00', 32, NULL, 2, '2026-11-23 05:59:34.854003+00', 'queue waves>2026-11-24T11:59:34.854003Z digest', NULL, 1, 'Europe/Berlin', 1223310602, NULL, NULL, '32/2026-11-24/2026-11-24T11:59:33.747699Z/2026-11-24T11:59:33.747699Z+ 38/2026-11-24/2026-11-24T21:59:33.747699Z/2026-11-24T21:59:33.747699Z+'),
	(4, 69, 'told', 'queue', 13, 4, '2026-11-24 21:59:34.854003+00', '2026-11-24 21:59:34.854003+00', 42, NULL, 2, '2026-11-23 05:59:34.854003+00', 'queue waves>2026-11-24T21:59:34.854003Z', NULL, 2, 'Europe/Berlin', 1221329619, NULL, NULL, NULL),
	(4, 70, 'told', 'queue', 14, 4, '2026-11-24 21:59:34.854003+00', '2026-11-24 21:59:34.854003+00', 43, NULL, 2, '2026-11-23 05:59:34.854003+00', 'queue waves>2026-11-24T21:59:34.854003Z', NULL, 2, 'Europe/Berlin', 638869683, NULL, NULL, '39/2026-11-25/2026-11-25T07:59:33.747699Z/2026-11-25T07:59:33.747699Z+');
INSERT INTO restock.delivery_attempt (notification_key, attempt_number, outcome, provider_code, provider_message, started_at, finished_at, sender) VALUES
	(1, 1, 'accepted', '250', 'taken', '2026-11-23 05:59:32.745575+00', '2026-11-23 05:59:32.882776+00', 'test/f92cdffa/2'),
	(2, 1, 'permanent', '550', '5.1.1 nobody of that name', '2026-11-23 05:59:32.745575+00', '2026-11-23 05:59:32.886634+00', 'test/f92cdffa/2'),
	(3, 1, 'permanent', '554', '5.6.0 not that', '2026-11-23 05:59:32.745575+00', '2026-11-23 05:59:32.897388+00', 'test/f92cdffa/2'),
	(4, 1, 'accepted', '250', 'taken', '2026-11-23 05:59:32.745575+00', '2026-11-23 05:59:32.930224+00', 'test/f92cdffa/2'),
	(5, 1, 'accepted', '250', 'taken', '2026-11-23 05:59:32.745575+00', '2026-11-23 05:59:32.931557+00', 'test/f92cdffa/2'),
	(6, 1, 'accepted', '250', 'taken', '2026-11-23 05:59:32.745575+00', '2026-11-23 05:59:32.931587+00', 'test/f92cdffa/2'),
	(7, 1, 'accepted', '250', 'taken', '2026-11-23 05:59:32.745575+00', '2026-11-23 05:59:32.931601+00', 'test/f92cdffa/2'),
	(8, 1, 'accepted', '250', 'taken', '2026-11-23 05:59:32.745575+00', '2026-11-23 05:59:32.961377+00', 'test/f92cdffa/2'),
	(9, 1, 'accepted', '250', 'taken', '2026-11-23 05:59:32.745575+00', '2026-11-23 05:59:32.961433+00', 'test/f92cdffa/2'),
	(10, 1, 'accepted', '250', 'taken', '2026-11-23 05:59:32.745575+00', '2026-11-23 05:59:32.961441+00', 'test/f92cdffa/2');
INSERT INTO restock.departure (leased_by, notification_keys, begun_at) VALUES
	('a dead sender', '{11}', '2026-11-23 05:59:35.444166+00');
INSERT INTO restock.gate (gate_id, gate, feed, scope, severity, clears, debug_value, since, checked_at, released_at, released_by) OVERRIDING SYSTEM VALUE VALUES
	(1, 'freshness', 'inventory', 'feed', 'warn', 'by itself', 'no file for 30 hours', '2026-11-23 05:59:35.983053+00', '2026-11-23 05:59:35.983053+00', NULL, NULL);
INSERT INTO restock.policy (policy_id, settings, changed, valid_from, previous) OVERRIDING SYSTEM VALUE VALUES
	(1, '{"paused": false, "in_doubt": "resend", "priority": "fifo", "daily_cap": 0, "overrides": {"store": {"berlin": {"double_opt_in": true}}}, "quiet_hours": "", "min_quantity": 1, "double_opt_in": false, "cooldown_hours": 0, "holdout_percent": 0.0, "max_delay_hours": 72, "notify_per_unit": 0.0, "rate_per_minute": {"email": 6000}, "default_timezone": "UTC", "request_ttl_days": 90, "max_restock_share": 0.5, "digest_window_minutes": 60, "wave_interval_minutes": 30, "max_snapshot_age_hours": 48}', '{min_quantity,notify_per_unit,wave_interval_minutes,quiet_hours,default_timezone,digest_window_minutes,daily_cap,max_delay_hours,priority,request_ttl_days,cooldown_hours,holdout_percent,max_snapshot_age_hours,double_opt_in,rate_per_minute,max_restock_share,paused,in_doubt,overrides}', '2026-11-23 05:59:31.587506+00', '{}'),
	(2, '{"paused": false, "in_doubt": "resend", "priority": "fifo", "daily_cap": 2, "overrides": {"store": {"berlin": {"double_opt_in": true}}}, "quiet_hours": "", "min_quantity": 1, "double_opt_in": false, "cooldown_hours": 0, "holdout_percent": 0.0, "max_delay_hours": 72, "notify_per_unit": 1.0, "rate_per_minute": {"email": 6000}, "default_timezone": "UTC", "request_ttl_days": 90, "max_restock_share": 0.5, "digest_window_minutes": 60, "wave_interval_minutes": 600, "max_snapshot_age_hours": 48}', '{notify_per_unit,wave_interval_minutes,daily_cap}', '2026-11-23 05:59:33.748052+00', '{"daily_cap": 0, "notify_per_unit": 0.0, "wave_interval_minutes": 30}');
INSERT INTO restock.episode (episode_id, store_id, product_id, quantity, opened_at, closed_at, held_since, held_reason, last_position, policy_id, notify_per_unit, wave_evidence, gate_id, released_at, released_by, released_hold_since, released_hold_reason, snapshot_at) OVERRIDING SYSTEM VALUE VALUES
	(2, 'main', 'chair', 4, '2026-11-23 05:59:33.747699+00', NULL, NULL, NULL, 18, 2, 1.0, NULL, NULL, NULL, NULL, NULL, NULL, '2026-11-23 05:59:33.506739+00'),
	(3, 'main', 'desk', 4, '2026-11-23 05:59:33.747699+00', '2026-11-23 05:59:34.259712+00', NULL, NULL, 21, 2, 1.0, NULL, NULL, NULL, NULL, NULL, NULL, '2026-11-23 05:59:33.50675+00'),
	(1, 'main', 'lamp', 40, '2026-11-23 05:59:31.762248+00', NULL, NULL, NULL, 11, 1, 0.0, NULL, NULL, NULL, NULL, NULL, NULL, '2026-11-23 05:59:31.665655+00'),
	(4, 'main', 'sofa', 3, '2026-11-23 05:59:34.854003+00', NULL, NULL, NULL, 14, 2, 1.0, NULL, NULL, NULL, NULL, NULL, NULL, '2026-11-23 05:59:34.736867+00'),
	(5, 'main', 'vase', 5, '2026-11-23 05:59:35.578179+00', NULL, NULL, NULL, 5, 2, 1.0, NULL, NULL, NULL, NULL, NULL, NULL, '2026-11-23 05:59:35.45323+00');
INSERT INTO restock.erased_name (name_hash, erased_at) VALUES
	('\xfc72b652a1535eeb04250c7d0b9ca09d9acbceea9fa8bc438b2fc3ed095d344f', '2026-11-23 05:59:36.004934+00'),
	('\x7c23f8b89b0dffabdabb8a78eeecf065499aebe1f0aa39e88d8fec73d65666da', '2026-11-23 05:59:36.004934+00'),
	('\xb296e595a22f3a2a1c01e6b6958ca6a4eeae4bf47ad3e341e71d9e9dec31f6f0', '2026-11-23 05:59:36.004934+00');
INSERT INTO restock.erasure (erasure_id, asked_hash, asked_by, asked_at, done_at, shopper_count, counts) VALUES
	('f83752ab-5dcc-4d99-bfda-2b257f65db79', '\xfc72b652a1535eeb04250c7d0b9ca09d9acbceea9fa8bc438b2fc3ed095d344f', 'fill', '2026-11-23 05:59:35.992213+00', '2026-11-23 05:59:36.048986+00', 1, '{"inbox": 0, "breaker": 0, "request": 2, "customer": 1, "decision": 0, "purchase": 0, "feed_file": 0, "suppression": 1, "cancellation": 0, "confirmation": 0, "notification": 0, "rejected_row": 0, "console_action": 0, "joined_request": 1, "requests_ended": 0, "idempotency_key": 0, "delivery_attempt": 0, "messages_cancelled": 0, "unconfirmed_request": 0}');
INSERT INTO restock.erasure_key (only_one, inner_key, outer_key) VALUES
	(true, '\x5af078701ffc4a6da62aa8c2eb55322859449e8b221b45e5ae832c185a1c6377d0bdea8748444f56bba4f934746ef327e5737f652fd742999bb4afaf2c044d17', '\x74da942e08064a5186e19df13c38b4f0358c791c070a43139271026fc38072bccfd5345e2773413fa62fa3aa7516400cfc11b8f741cc4d1ab592f708edfe5133');
INSERT INTO restock.idempotency_key (api_key_id, route, idempotency_key, body_hash, answer, answered_at) VALUES
	(1, '/v1/requests', 'k-1', '\x9061ab0a4b65c6a70bc62afc3d49ec8d24be46c10cde0cfd1e26b4209796c3b2', '{"status": "accepted", "request_id": "web/1"}', '2026-11-23 05:59:31.310186+00');
INSERT INTO restock.inbox (inbox_id, feed, line, client, received_at) OVERRIDING SYSTEM VALUE VALUES
	(1, 'requests', '{"request_id":"web/1","user_id":"web-1","product_id":"lamp","requested_at":"2026-11-23T05:59:31.298769+00:00","channel":"email","contact":"web@example.com","surface":"web"}', 'shop', '2026-11-23 05:59:31.310186+00'),
	(2, 'requests', '{"request_id":"web/2","user_id":"web-1","product_id":"rug","requested_at":"2026-11-23T05:59:35.938638+00:00","channel":"email","contact":"web@example.com","surface":"web"}', 'shop', '2026-11-23 05:59:35.940119+00'),
	(3, 'suppressions', '{"channel":"email","contact":"web@example.com","reason":"unsubscribe"}', 'warehouse', '2026-11-23 05:59:35.966161+00');
INSERT INTO restock.inbox_pending (feed, inbox_id, request_id, user_id) VALUES
	('requests', 2, 'web/2', 'web-1'),
	('suppressions', 3, NULL, NULL);
INSERT INTO restock.intake_count (scope, subject, began_at, request_count) VALUES
	('client', '\x211abc56c5f0f3fa1c73e7cc122f9609', '2026-11-23 05:50:00+00', 1),
	('contact', '\xdb8da3bd98c914682e36204d571f9c4a', '2026-11-23 05:00:00+00', 1),
	('product', '\x5b7d3d6f2b89a945222ce0db3491d48b', '2026-11-23 05:59:00+00', 1);
INSERT INTO restock.intake_limit (scope, most, per_seconds) VALUES
	('contact', 20, 3600),
	('client', 60, 600),
	('product', 1000, 60);
INSERT INTO restock.inventory (store_id, product_id, location_id, available_quantity, orderable, snapshot_at, feed_file_id) VALUES
	('main', 'rug', 'main', 0, true, '2026-11-23 04:59:29.617463+00', 3),
	('main', 'lamp', 'main', 40, true, '2026-11-23 05:59:31.665655+00', 13),
	('main', 'chair', 'main', 4, true, '2026-11-23 05:59:33.506739+00', 15),
	('main', 'desk', 'main', 0, true, '2026-11-23 05:59:34.151427+00', 16),
	('main', 'sofa', 'main', 3, true, '2026-11-23 05:59:34.736867+00', 18),
	('main', 'vase', 'main', 5, true, '2026-11-23 05:59:35.45323+00', 19);
INSERT INTO restock.request (request_key, request_id, user_id, store_id, product_id, channel, contact, surface, locale, timezone, quantity, requested_at, feed_file_id, recorded_at) OVERRIDING SYSTEM VALUE VALUES
	(1, 'shopper-00/chair', 'shopper-00', 'main', 'chair', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:09:29.617757+00', 4, '2026-11-23 05:59:29.926219+00'),
	(2, 'shopper-01/chair', 'shopper-01', 'main', 'chair', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:10:29.617761+00', 4, '2026-11-23 05:59:29.926219+00'),
	(3, 'shopper-03/chair', 'shopper-03', 'main', 'chair', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:12:29.617781+00', 4, '2026-11-23 05:59:29.926219+00'),
	(4, 'shopper-04/chair', 'shopper-04', 'main', 'chair', 'email', 'home@example.com', 'app', NULL, NULL, 1, '2026-11-23 05:13:29.617787+00', 4, '2026-11-23 05:59:29.926219+00'),
	(5, 'shopper-06/chair', 'shopper-06', 'main', 'chair', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:15:29.617803+00', 4, '2026-11-23 05:59:29.926219+00'),
	(6, 'shopper-07/chair', 'shopper-07', 'main', 'chair', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:16:29.617806+00', 4, '2026-11-23 05:59:29.926219+00'),
	(7, 'shopper-09/chair', 'shopper-09', 'main', 'chair', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:18:29.61783+00', 4, '2026-11-23 05:59:29.926219+00'),
	(8, 'shopper-10/chair', 'shopper-10', 'main', 'chair', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:19:29.617835+00', 4, '2026-11-23 05:59:29.926219+00'),
	(9, 'shopper-12/chair', 'shopper-12', 'main', 'chair', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:21:29.617854+00', 4, '2026-11-23 05:59:29.926219+00'),
	(10, 'shopper-13/chair', 'shopper-13', 'main', 'chair', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:22:29.617857+00', 4, '2026-11-23 05:59:29.926219+00'),
	(11, 'shopper-15/chair', 'shopper-15', 'main', 'chair', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:24:29.617873+00', 4, '2026-11-23 05:59:29.926219+00'),
	(12, 'shopper-16/chair', 'shopper-16', 'main', 'chair', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:25:29.617879+00', 4, '2026-11-23 05:59:29.926219+00'),
	(13, 'shopper-18/chair', 'shopper-18', 'main', 'chair', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:27:29.617895+00', 4, '2026-11-23 05:59:29.926219+00'),
	(14, 'shopper-19/chair', 'shopper-19', 'main', 'chair', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:28:29.617898+00', 4, '2026-11-23 05:59:29.926219+00'),
	(15, 'shopper-21/chair', 'shopper-21', 'main', 'chair', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:30:29.617918+00', 4, '2026-11-23 05:59:29.926219+00'),
	(16, 'shopper-22/chair', 'shopper-22', 'main', 'chair', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:31:29.617924+00', 4, '2026-11-23 05:59:29.926219+00'),
	(17, 'shopper-24/chair', 'shopper-24', 'main', 'chair', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:33:29.61794+00', 4, '2026-11-23 05:59:29.926219+00'),
	(18, 'shopper-25/chair', 'shopper-25', 'main', 'chair', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:34:29.617944+00', 4, '2026-11-23 05:59:29.926219+00'),
	(19, 'shopper-27/chair', 'shopper-27', 'main', 'chair', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:36:29.617963+00', 4, '2026-11-23 05:59:29.926219+00'),
	(20, 'shopper-28/chair', 'shopper-28', 'main', 'chair', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:37:29.61797+00', 4, '2026-11-23 05:59:29.926219+00'),
	(21, 'shopper-01/desk', 'shopper-01', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:10:29.617765+00', 4, '2026-11-23 05:59:29.926219+00'),
	(22, 'shopper-02/desk', 'shopper-02', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:11:29.617772+00', 4, '2026-11-23 05:59:29.926219+00'),
	(23, 'shopper-03/desk', 'shopper-03', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:12:29.617784+00', 4, '2026-11-23 05:59:29.926219+00'),
	(24, 'shopper-04/desk', 'shopper-04', 'main', 'desk', 'email', 'home@example.com', 'app', NULL, NULL, 1, '2026-11-23 05:13:29.617789+00', 4, '2026-11-23 05:59:29.926219+00'),
	(25, 'shopper-05/desk', 'shopper-05', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:14:29.617792+00', 4, '2026-11-23 05:59:29.926219+00'),
	(26, 'shopper-07/desk', 'shopper-07', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:16:29.617808+00', 4, '2026-11-23 05:59:29.926219+00'),
	(28, 'shopper-09/desk', 'shopper-09', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:18:29.617832+00', 4, '2026-11-23 05:59:29.926219+00'),
	(29, 'shopper-10/desk', 'shopper-10', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:19:29.617838+00', 4, '2026-11-23 05:59:29.926219+00'),
	(30, 'shopper-11/desk', 'shopper-11', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:20:29.61784+00', 4, '2026-11-23 05:59:29.926219+00'),
	(31, 'shopper-13/desk', 'shopper-13', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:22:29.61786+00', 4, '2026-11-23 05:59:29.926219+00'),
	(32, 'shopper-14/desk', 'shopper-14', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:23:29.617865+00', 4, '2026-11-23 05:59:29.926219+00'),
	(33, 'shopper-15/desk', 'shopper-15', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:24:29.617876+00', 4, '2026-11-23 05:59:29.926219+00'),
	(34, 'shopper-16/desk', 'shopper-16', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:25:29.617881+00', 4, '2026-11-23 05:59:29.926219+00'),
	(35, 'shopper-17/desk', 'shopper-17', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:26:29.617884+00', 4, '2026-11-23 05:59:29.926219+00'),
	(36, 'shopper-19/desk', 'shopper-19', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:28:29.617901+00', 4, '2026-11-23 05:59:29.926219+00'),
	(37, 'shopper-20/desk', 'shopper-20', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:29:29.617908+00', 4, '2026-11-23 05:59:29.926219+00'),
	(38, 'shopper-21/desk', 'shopper-21', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:30:29.617921+00', 4, '2026-11-23 05:59:29.926219+00'),
	(39, 'shopper-22/desk', 'shopper-22', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:31:29.617926+00', 4, '2026-11-23 05:59:29.926219+00'),
	(40, 'shopper-23/desk', 'shopper-23', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:32:29.617929+00', 4, '2026-11-23 05:59:29.926219+00'),
	(41, 'shopper-25/desk', 'shopper-25', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:34:29.617946+00', 4, '2026-11-23 05:59:29.926219+00'),
	(42, 'shopper-26/desk', 'shopper-26', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:35:29.617953+00', 4, '2026-11-23 05:59:29.926219+00'),
	(43, 'shopper-27/desk', 'shopper-27', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:36:29.617967+00', 4, '2026-11-23 05:59:29.926219+00'),
	(44, 'shopper-28/desk', 'shopper-28', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:37:29.617973+00', 4, '2026-11-23 05:59:29.926219+00'),
	(45, 'shopper-29/desk', 'shopper-29', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:38:29.617976+00', 4, '2026-11-23 05:59:29.926219+00'),
	(46, 'shopper-00/lamp', 'shopper-00', 'main', 'lamp', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:09:29.617749+00', 4, '2026-11-23 05:59:29.926219+00'),
	(47, 'shopper-03/lamp', 'shopper-03', 'main', 'lamp', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:12:29.617778+00', 4, '2026-11-23 05:59:29.926219+00'),
	(48, 'shopper-06/lamp', 'shopper-06', 'main', 'lamp', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:15:29.6178+00', 4, '2026-11-23 05:59:29.926219+00'),
	(49, 'shopper-09/lamp', 'shopper-09', 'main', 'lamp', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:18:29.617819+00', 4, '2026-11-23 05:59:29.926219+00'),
	(50, 'shopper-12/lamp', 'shopper-12', 'main', 'lamp', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:21:29.617852+00', 4, '2026-11-23 05:59:29.926219+00'),
	(51, 'shopper-15/lamp', 'shopper-15', 'main', 'lamp', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:24:29.61787+00', 4, '2026-11-23 05:59:29.926219+00'),
	(52, 'shopper-18/lamp', 'shopper-18', 'main', 'lamp', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:27:29.617892+00', 4, '2026-11-23 05:59:29.926219+00'),
	(53, 'shopper-21/lamp', 'shopper-21', 'main', 'lamp', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:30:29.617915+00', 4, '2026-11-23 05:59:29.926219+00'),
	(54, 'shopper-24/lamp', 'shopper-24', 'main', 'lamp', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:33:29.617938+00', 4, '2026-11-23 05:59:29.926219+00'),
	(55, 'shopper-27/lamp', 'shopper-27', 'main', 'lamp', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:36:29.61796+00', 4, '2026-11-23 05:59:29.926219+00'),
	(56, 'shopper-01/sofa', 'shopper-01', 'main', 'sofa', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:10:29.617768+00', 4, '2026-11-23 05:59:29.926219+00'),
	(57, 'shopper-02/sofa', 'shopper-02', 'main', 'sofa', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:11:29.617775+00', 4, '2026-11-23 05:59:29.926219+00'),
	(58, 'shopper-05/sofa', 'shopper-05', 'main', 'sofa', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:14:29.617795+00', 4, '2026-11-23 05:59:29.926219+00'),
	(59, 'shopper-07/sofa', 'shopper-07', 'main', 'sofa', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:16:29.617811+00', 4, '2026-11-23 05:59:29.926219+00'),
	(61, 'shopper-11/sofa', 'shopper-11', 'main', 'sofa', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:20:29.617843+00', 4, '2026-11-23 05:59:29.926219+00'),
	(62, 'shopper-13/sofa', 'shopper-13', 'main', 'sofa', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:22:29.617862+00', 4, '2026-11-23 05:59:29.926219+00'),
	(63, 'shopper-14/sofa', 'shopper-14', 'main', 'sofa', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:23:29.617867+00', 4, '2026-11-23 05:59:29.926219+00'),
	(64, 'shopper-17/sofa', 'shopper-17', 'main', 'sofa', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:26:29.617887+00', 4, '2026-11-23 05:59:29.926219+00'),
	(65, 'shopper-19/sofa', 'shopper-19', 'main', 'sofa', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:28:29.617905+00', 4, '2026-11-23 05:59:29.926219+00'),
	(66, 'shopper-20/sofa', 'shopper-20', 'main', 'sofa', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:29:29.617911+00', 4, '2026-11-23 05:59:29.926219+00'),
	(67, 'shopper-23/sofa', 'shopper-23', 'main', 'sofa', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:32:29.617932+00', 4, '2026-11-23 05:59:29.926219+00'),
	(68, 'shopper-25/sofa', 'shopper-25', 'main', 'sofa', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:34:29.617949+00', 4, '2026-11-23 05:59:29.926219+00'),
	(69, 'shopper-26/sofa', 'shopper-26', 'main', 'sofa', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:35:29.617955+00', 4, '2026-11-23 05:59:29.926219+00'),
	(70, 'shopper-29/sofa', 'shopper-29', 'main', 'sofa', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:38:29.617978+00', 4, '2026-11-23 05:59:29.926219+00'),
	(71, 'shopper-05/vase', 'shopper-05', 'main', 'vase', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:14:29.617798+00', 4, '2026-11-23 05:59:29.926219+00'),
	(72, 'shopper-11/vase', 'shopper-11', 'main', 'vase', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:20:29.617845+00', 4, '2026-11-23 05:59:29.926219+00'),
	(73, 'shopper-17/vase', 'shopper-17', 'main', 'vase', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:26:29.617889+00', 4, '2026-11-23 05:59:29.926219+00'),
	(74, 'shopper-23/vase', 'shopper-23', 'main', 'vase', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:32:29.617935+00', 4, '2026-11-23 05:59:29.926219+00'),
	(75, 'shopper-29/vase', 'shopper-29', 'main', 'vase', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:38:29.617981+00', 4, '2026-11-23 05:59:29.926219+00'),
	(87, 'old', 'shopper-00', 'main', 'rug', 'email', NULL, 'app', NULL, NULL, 1, '2026-08-15 05:59:29.633408+00', 8, '2026-11-23 05:59:30.780733+00'),
	(88, 'web/1', 'web-1', 'main', 'lamp', 'email', 'web@example.com', 'web', NULL, NULL, 1, '2026-11-23 05:59:31.298769+00', 12, '2026-11-23 05:59:31.345483+00'),
	(90, 'bad-0', 'shopper-00', 'main', 'lamp', 'email', NULL, 'app', NULL, 'UTC', 1, '2026-11-23 05:09:29.617749+00', 17, '2026-11-23 05:59:34.526513+00'),
	(27, 'erased-15f0deea-0ba9-46d5-a8f2-5c031881d663-000001', 'erased-15f0deea-0ba9-46d5-a8f2-5c031881d663', 'main', 'desk', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:17:29.617814+00', 4, '2026-11-23 05:59:29.926219+00'),
	(60, 'erased-15f0deea-0ba9-46d5-a8f2-5c031881d663-000002', 'erased-15f0deea-0ba9-46d5-a8f2-5c031881d663', 'main', 'sofa', 'email', NULL, 'app', NULL, NULL, 1, '2026-11-23 05:17:29.617816+00', 4, '2026-11-23 05:59:29.926219+00');
INSERT INTO restock.joined_request (request_id, request_key, contact, surface, locale, timezone, quantity, requested_at, feed_file_id) VALUES
	('shopper-28/chair/again', 20, NULL, 'web', NULL, NULL, 1, '2026-11-23 05:50:29.632114+00', 5),
	('shopper-14/desk/again', 32, NULL, 'web', NULL, NULL, 1, '2026-11-23 05:50:29.618079+00', 5),
	('shopper-17/desk/again', 35, NULL, 'web', NULL, NULL, 1, '2026-11-23 05:50:29.618099+00', 5),
	('shopper-22/desk/again', 39, NULL, 'web', NULL, NULL, 1, '2026-11-23 05:50:29.632068+00', 5),
	('shopper-25/desk/again', 41, NULL, 'web', NULL, NULL, 1, '2026-11-23 05:50:29.632092+00', 5),
	('shopper-00/lamp/again', 46, NULL, 'web', NULL, NULL, 1, '2026-11-23 05:50:29.617984+00', 5),
	('shopper-03/lamp/again', 47, NULL, 'web', NULL, NULL, 1, '2026-11-23 05:50:29.618005+00', 5),
	('shopper-11/sofa/again', 61, NULL, 'web', NULL, NULL, 1, '2026-11-23 05:50:29.618059+00', 5),
	('shopper-19/sofa/again', 65, NULL, 'web', NULL, NULL, 1, '2026-11-23 05:50:29.632036+00', 5),
	('shopper-05/vase/again', 71, NULL, 'web', NULL, NULL, 1, '2026-11-23 05:50:29.618023+00', 5),
	('bad-1', 1, NULL, 'app', NULL, 'UTC', 1, '2026-11-23 05:09:29.617757+00', 17),
	('erased-15f0deea-0ba9-46d5-a8f2-5c031881d663-000003', 60, NULL, 'web', NULL, NULL, 1, '2026-11-23 05:50:29.61804+00', 5);
INSERT INTO restock.link_visit (notification_key, link, visited_at) VALUES
	(1, 1, '2026-11-23 05:59:33.114741+00'),
	(9, 1, '2026-11-23 05:59:33.227238+00'),
	(6, 1, '2026-11-23 05:59:33.352192+00'),
	(8, 1, '2026-11-23 05:59:33.482566+00');
INSERT INTO restock.mart_delivery (channel, hour, attempt_count, sent_count, retryable_count, permanent_count, in_doubt_count, dead_count, busiest_minute_count, suppression_count) VALUES
	('email', '2026-11-23 05:00:00+00', 10, 8, 0, 2, 0, 2, 8, 3);
INSERT INTO restock.mart_demand (store_id, product_id, waiting_requests, waiting_shoppers, waiting_units, oldest_requested_at, median_requested_at, expired_requests, expired_units, measured_messages, conversion) VALUES
	('main', 'chair', 18, 18, 18, '2026-11-23 05:09:29.617757+00', '2026-11-23 05:24:29.617873+00', 0, 0, 0, 0.0500),
	('main', 'desk', 21, 21, 21, '2026-11-23 05:10:29.617765+00', '2026-11-23 05:25:29.617881+00', 0, 0, 0, 0.0500),
	('main', 'lamp', 2, 2, 2, '2026-11-23 05:09:29.617749+00', '2026-11-23 05:09:29.617749+00', 0, 0, 0, 0.0500),
	('main', 'rug', 0, 0, 0, NULL, NULL, 1, 1, 0, 0.0500),
	('main', 'sofa', 14, 14, 14, '2026-11-23 05:10:29.617768+00', '2026-11-23 05:23:29.617867+00', 0, 0, 0, 0.0500),
	('main', 'vase', 5, 5, 5, '2026-11-23 05:14:29.617798+00', '2026-11-23 05:26:29.617889+00', 0, 0, 0, 0.0500);
INSERT INTO restock.mart_effect (policy_id, decided_count, sent_count, pending_count, told_count, told_bought_count, held_out_count, held_out_bought_count) VALUES
	(2, 54, 0, 54, 0, 0, 0, 0),
	(1, 10, 8, 10, 0, 0, 0, 0);
INSERT INTO restock.mart_episode (episode_id, asked_count, asked_units, told_count, held_back_count, sent_count, clicked_count, bought_count, bought_units) VALUES
	(3, 21, 21, 21, 0, 0, 0, 0, 0),
	(4, 14, 14, 14, 0, 0, 0, 0, 0),
	(2, 18, 18, 18, 0, 0, 0, 0, 0),
	(1, 11, 11, 11, 0, 8, 6, 3, 3);
INSERT INTO restock.mart_funnel (store_id, request_day, request_count, available_count, scheduled_count, sent_count, clicked_count, bought_count, bought_without_click_count) VALUES
	('main', '2026-11-23', 77, 69, 64, 8, 6, 3, 2),
	('main', '2026-08-15', 1, 0, 0, 0, 0, 0, 0);
INSERT INTO restock.mart_latency (wave, channel, item_count, snapshot_count, snapshot_to_decision, snapshot_to_acceptance, opening_to_decision, decision_to_acceptance, opening_to_acceptance, due_to_acceptance) VALUES
	(0, 'email', 8, 8, '{0.096593,0.096593,0.096593}', '{1.265939,1.2957832,1.2957854400000002}', '{0,0,0}', '{1.169346,1.1991901999999999,1.19919244}', '{1.169346,1.1991901999999999,1.19919244}', '{1.169346,1.1991901999999999,1.19919244}');
INSERT INTO restock.mart_refresh (only_one, refreshed_at, seconds, changes) VALUES
	(true, '2026-11-23 05:59:36.071106+00', 0.04903541300154757, 362);
INSERT INTO restock.mart_salt (salt) VALUES
	('cb3d5b1b-a972-4ebd-9594-0b31794af2d5');
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
	('main', 'lamp', 'shopper-00', 'email', 90);
INSERT INTO restock.outbox (notification_key, channel, due_at, lease_until, leased_by) VALUES
	(11, 'email', '2026-11-23 05:59:34.854003+00', '2026-11-23 06:04:35.44428+00', 'a dead sender'),
	(13, 'email', '2026-11-23 05:59:33.747699+00', NULL, NULL),
	(14, 'email', '2026-11-23 05:59:33.747699+00', NULL, NULL),
	(15, 'email', '2026-11-23 05:59:33.747699+00', NULL, NULL),
	(17, 'email', '2026-11-23 15:59:33.747699+00', NULL, NULL),
	(18, 'email', '2026-11-23 15:59:33.747699+00', NULL, NULL),
	(20, 'email', '2026-11-23 15:59:33.747699+00', NULL, NULL),
	(23, 'email', '2026-11-24 01:59:33.747699+00', NULL, NULL),
	(24, 'email', '2026-11-24 01:59:33.747699+00', NULL, NULL),
	(25, 'email', '2026-11-24 01:59:33.747699+00', NULL, NULL),
	(29, 'email', '2026-11-24 11:59:33.747699+00', NULL, NULL),
	(30, 'email', '2026-11-24 11:59:33.747699+00', NULL, NULL),
	(31, 'email', '2026-11-24 11:59:33.747699+00', NULL, NULL),
	(12, 'email', '2026-11-23 05:59:34.854003+00', NULL, NULL),
	(16, 'email', '2026-11-23 05:59:34.854003+00', NULL, NULL),
	(19, 'email', '2026-11-23 15:59:34.854003+00', NULL, NULL),
	(21, 'email', '2026-11-23 15:59:34.854003+00', NULL, NULL),
	(22, 'email', '2026-11-23 15:59:34.854003+00', NULL, NULL),
	(26, 'email', '2026-11-24 01:59:34.854003+00', NULL, NULL),
	(27, 'email', '2026-11-24 01:59:34.854003+00', NULL, NULL),
	(28, 'email', '2026-11-24 01:59:34.854003+00', NULL, NULL),
	(32, 'email', '2026-11-24 11:59:34.854003+00', NULL, NULL),
	(34, 'email', '2026-11-24 11:59:33.747699+00', NULL, NULL),
	(35, 'email', '2026-11-24 21:59:33.747699+00', NULL, NULL),
	(36, 'email', '2026-11-24 21:59:33.747699+00', NULL, NULL),
	(37, 'email', '2026-11-24 21:59:33.747699+00', NULL, NULL),
	(38, 'email', '2026-11-24 21:59:33.747699+00', NULL, NULL),
	(39, 'email', '2026-11-25 07:59:33.747699+00', NULL, NULL),
	(33, 'email', '2026-11-24 11:59:34.854003+00', NULL, NULL),
	(40, 'email', '2026-11-23 05:59:34.854003+00', NULL, NULL),
	(41, 'email', '2026-11-24 11:59:34.854003+00', NULL, NULL),
	(42, 'email', '2026-11-24 21:59:34.854003+00', NULL, NULL),
	(43, 'email', '2026-11-24 21:59:34.854003+00', NULL, NULL);
INSERT INTO restock.plan_queue (store_id, product_id, plan_after) VALUES
	('main', 'rug', '2026-11-23 05:59:35.578179+00');
INSERT INTO restock.product (store_id, product_id, name, url, image_url, price, currency, category, brand, parent_id, feed_file_id, updated_at) VALUES
	('main', 'chair', 'Chair', 'https://shop.example/p/chair', NULL, 9.00, 'EUR', NULL, NULL, NULL, 1, '2026-11-23 05:59:29.681709+00'),
	('main', 'desk', 'Desk', 'https://shop.example/p/desk', NULL, 9.00, 'EUR', NULL, NULL, NULL, 1, '2026-11-23 05:59:29.681709+00'),
	('main', 'lamp', 'Lamp', 'https://shop.example/p/lamp', NULL, 9.00, 'EUR', NULL, NULL, NULL, 1, '2026-11-23 05:59:29.681709+00'),
	('main', 'rug', 'Rug', 'https://shop.example/p/rug', NULL, 9.00, 'EUR', NULL, NULL, NULL, 1, '2026-11-23 05:59:29.681709+00'),
	('main', 'sofa', 'Sofa', 'https://shop.example/p/sofa', NULL, 9.00, 'EUR', NULL, NULL, NULL, 1, '2026-11-23 05:59:29.681709+00'),
	('main', 'vase', 'Vase', 'https://shop.example/p/vase', NULL, 9.00, 'EUR', NULL, NULL, NULL, 1, '2026-11-23 05:59:29.681709+00');
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
	('o-0', 'shopper-09', 'main', 'lamp', '2026-11-23 05:59:33.503386+00', 1, 9.50, 14),
	('o-1', 'shopper-12', 'main', 'lamp', '2026-11-23 05:59:33.506092+00', 1, 9.50, 14),
	('o-2', 'shopper-15', 'main', 'lamp', '2026-11-23 05:59:33.506143+00', 1, 9.50, 14),
	('o-3', 'shopper-18', 'main', 'lamp', '2026-11-23 05:59:33.506147+00', 1, 9.50, 14);
INSERT INTO restock.rate_bucket (channel, tokens, filled_at) VALUES
	('email', 100, '2026-11-23 05:59:32.995689+00');
INSERT INTO restock.rejected_row (rejected_row_id, feed_file_id, line_number, raw_text, reason_code, detail, rejected_at, corrected_text, corrected_at, corrected_by, replayed_at, replay_file_id, rejected_before_id) OVERRIDING SYSTEM VALUE VALUES
	(1, 9, 2, 'bad-0,shopper-00,lamp,2026-11-23T05:09:29.617749+00:00,app,,Mars/Olympus', 'unknown_time_zone', 'timezone is not an IANA time zone such as Europe/Berlin.', '2026-11-23 05:59:30.955749+00', 'bad-0,shopper-00,lamp,2026-11-23T05:09:29.617749+00:00,app,,UTC', '2026-11-23 05:59:34.506209+00', 'eve', '2026-11-23 05:59:34.510292+00', 17, NULL),
	(2, 9, 3, 'bad-1,shopper-00,chair,2026-11-23T05:09:29.617757+00:00,app,,Mars/Olympus', 'unknown_time_zone', 'timezone is not an IANA time zone such as Europe/Berlin.', '2026-11-23 05:59:30.955749+00', 'bad-1,shopper-00,chair,2026-11-23T05:09:29.617757+00:00,app,,UTC', '2026-11-23 05:59:34.506209+00', 'eve', '2026-11-23 05:59:34.510292+00', 17, NULL);
INSERT INTO restock.request_outcome (request_key, status, reason, notification_key, closed_at) VALUES
	(8, 'cancelled', 'cancelled', NULL, '2026-11-23 05:50:29.618052+00'),
	(22, 'cancelled', 'cancelled', NULL, '2026-11-23 05:50:29.617999+00'),
	(42, 'cancelled', 'cancelled', NULL, '2026-11-23 05:50:29.632098+00'),
	(52, 'cancelled', 'cancelled', NULL, '2026-11-23 05:50:29.632019+00'),
	(46, 'notified', 'sent', 1, '2026-11-23 05:59:32.882776+00'),
	(49, 'notified', 'sent', 4, '2026-11-23 05:59:32.930224+00'),
	(50, 'notified', 'sent', 5, '2026-11-23 05:59:32.931557+00'),
	(51, 'notified', 'sent', 6, '2026-11-23 05:59:32.931587+00'),
	(53, 'notified', 'sent', 7, '2026-11-23 05:59:32.931601+00'),
	(54, 'notified', 'sent', 8, '2026-11-23 05:59:32.961377+00'),
	(55, 'notified', 'sent', 9, '2026-11-23 05:59:32.961433+00'),
	(88, 'notified', 'sent', 10, '2026-11-23 05:59:32.961441+00'),
	(47, 'suppressed', 'suppressed', NULL, '2026-11-23 05:59:32.96156+00'),
	(3, 'suppressed', 'suppressed', NULL, '2026-11-23 05:59:33.747699+00'),
	(23, 'suppressed', 'suppressed', NULL, '2026-11-23 05:59:33.747699+00'),
	(27, 'suppressed', 'suppressed', NULL, '2026-11-23 05:59:33.747699+00'),
	(87, 'expired', 'expired', NULL, '2026-11-23 05:59:34.704107+00'),
	(60, 'suppressed', 'suppressed', NULL, '2026-11-23 05:59:34.854003+00');
INSERT INTO restock.source_watermark (source, feed, watermark, advanced_at) VALUES
	('shop_db/stock', 'inventory', '2026-11-20 10:00:00+00', '2026-11-23 05:59:35.983053+00');
INSERT INTO restock.store_suppression (channel, contact, store_id, suppressed_at) VALUES
	('email', 'shopper-09@example.com', 'berlin', '2026-11-23 05:59:35.983053+00');
INSERT INTO restock.suppressed_hash (channel, contact_hash, store_id, reason, suppressed_at) VALUES
	('email', '\xb296e595a22f3a2a1c01e6b6958ca6a4eeae4bf47ad3e341e71d9e9dec31f6f0', NULL, 'complaint', '2026-11-23 05:59:31.143109+00');
INSERT INTO restock.suppression (channel, contact, reason, suppressed_at) VALUES
	('email', 'shopper-03@example.com', 'bounce', '2026-11-23 05:59:32.96156+00');
INSERT INTO restock.unconfirmed_request (request_id, confirmation_key, user_id, product_id, line, client, created_at) VALUES
	('1a333b93-b124-4a59-8c14-25f50e49c9a9', 1, 'contact-b834979e4ea02ac8b941febde36bad7a', 'lamp', '{"channel":"email","request_id":"1a333b93-b124-4a59-8c14-25f50e49c9a9","user_id":"contact-b834979e4ea02ac8b941febde36bad7a","product_id":"lamp","requested_at":"2026-11-23T05:59:31.625424+00:00","store_id":"berlin","contact":"web@example.com"}', 'page', '2026-11-23 05:59:31.639062+00');
SELECT pg_catalog.setval('restock.api_key_api_key_id_seq', 3, true);
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
SELECT pg_catalog.setval('restock.request_request_key_seq', 90, true);
