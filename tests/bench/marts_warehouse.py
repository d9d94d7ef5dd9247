"""A warehouse for the benchmark of the marts: requests, each decided about in a restock, and what came of it."""

import psycopg

# The newest of what happened; the rest lies in the 90 days before.
CLOCK = "2026-06-10T12:00:00Z"


def fill_warehouse(warehouse: psycopg.Connection, requests: int, products: int) -> None:
    """Fill an empty warehouse with as many decisions as requests.

    Of 20 requests 13 were answered by a message of their own, 1 was held out, 2 were skipped and wait on, 1 expired and
    3 stand in a message that has still to leave. Of the answered ones an eighth clicked and a sixteenth bought.

    Args:
        warehouse: Migrated.
        requests: How many, five of each shopper.
        products: Products that they are spread over, with a restock each.
    """
    warehouse.execute("set session_replication_role = replica")
    warehouse.execute("set maintenance_work_mem = '1GB'")
    binds = {"requests": requests, "products": products, "clock": CLOCK}
    for statement in FILL:
        warehouse.execute(statement, binds)
    warehouse.execute("vacuum analyze")
    warehouse.execute("checkpoint")


# n counts the requests; everything else follows from it, so that the rows agree with each other.
FILL = [
    """
    insert into restock.policy (settings, changed, valid_from)
    select '{"holdout_percent": 5, "rate_per_minute": {"email": 6000}}', '{}',
        %(clock)s::timestamptz - make_interval(days => 90 - 20 * n)
    from generate_series(0, 3) as n
    """,
    """
    insert into restock.product (store_id, product_id, name, price, currency, category, brand)
    select 'main', 'p' || n, 'Product ' || n, n %% 200 + 1, 'EUR', 'c' || n %% 50, 'b' || n %% 20
    from generate_series(0, %(products)s - 1) as n
    """,
    """
    insert into restock.availability (store_id, product_id, quantity, snapshot_at)
    select 'main', 'p' || n, n %% 3, %(clock)s
    from generate_series(0, %(products)s - 1) as n
    """,
    """
    insert into restock.customer (user_id, email, timezone, tier)
    select 'u' || n, 'u' || n || '@example.com', 'UTC', n %% 3
    from generate_series(0, %(requests)s / 5 - 1) as n
    """,
    """
    insert into restock.episode (
        episode_id, store_id, product_id, quantity, snapshot_at, opened_at, closed_at, policy_id
    ) overriding system value
    select n + 1, 'main', 'p' || n, 10, opened_at - interval '1 minute', opened_at,
        case when n %% 10 > 0 then opened_at + interval '3 days' end, n %% 4 + 1
    from generate_series(0, %(products)s - 1) as n
    cross join lateral (
        select %(clock)s::timestamptz - make_interval(mins => 20 + n * 9973 %% 115200) as opened_at
    ) as t
    """,
    """
    insert into restock.request (
        request_key, request_id, user_id, store_id, product_id, channel, surface, quantity, requested_at
    ) overriding system value
    select n + 1, 'r' || n, 'u' || n / 5, 'main', 'p' || (n / 5 * 7 + n %% 5 * 31) %% %(products)s,
        case when n %% 10 = 0 then 'sms' else 'email' end, 'app', n %% 3 + 1,
        %(clock)s::timestamptz - make_interval(secs => 3600 + n::bigint * 7919 %% 7776000)
    from generate_series(0, %(requests)s - 1) as n
    """,
    """
    insert into restock.open_request (store_id, product_id, user_id, channel, request_key)
    select store_id, product_id, user_id, channel, request_key
    from restock.request
    where request_key %% 20 in (13, 14, 15, 17, 18, 19)
    """,
    """
    insert into restock.notification (
        notification_key, notification_id, opening_episode_id, opening_request_key, user_id, channel, store_id,
        timezone, local_day, first_due_at, due_at, status, status_at, attempt_count, policy_id, created_at
    ) overriding system value
    select r.request_key, restock.message_id(e.episode_id, r.request_key), e.episode_id, r.request_key, r.user_id,
        r.channel, 'main', 'UTC', e.opened_at::date, e.opened_at, e.opened_at,
        case when r.request_key %% 20 < 13 then 'sent' else 'scheduled' end,
        e.opened_at + make_interval(secs => 60 + r.request_key %% 900), 1, e.policy_id, e.opened_at
    from restock.request as r
    inner join restock.episode as e on r.product_id = e.product_id
    where r.request_key %% 20 < 13 or r.request_key %% 20 > 16
    """,
    """
    insert into restock.outbox (notification_key, channel, due_at)
    select notification_key, channel, %(clock)s::timestamptz + interval '1000 years'
    from restock.notification
    where status = 'scheduled'
    """,
    """
    insert into restock.decision (
        episode_id, request_key, outcome, rule, position, wave, due_at, scheduled_at, notification_key, policy_id,
        decided_at
    )
    select e.episode_id, r.request_key,
        case when n.notification_key is not null then 'told' when r.request_key %% 20 = 13 then 'held'
            else 'skipped' end,
        case when n.notification_key is not null then 'queue' when r.request_key %% 20 = 13 then 'holdout'
            else 'cooldown' end,
        case when n.notification_key is not null then 1 end, case when n.notification_key is not null then 0 end,
        e.opened_at, e.opened_at, n.notification_key, e.policy_id, e.opened_at + interval '5 seconds'
    from restock.request as r
    inner join restock.episode as e on r.product_id = e.product_id
    left join restock.notification as n on r.request_key = n.notification_key
    """,
    """
    insert into restock.delivery_attempt (
        notification_key, attempt_number, outcome, provider_code, started_at, finished_at, sender
    )
    select notification_key, 1, 'accepted', '250', status_at, status_at, 'bench'
    from restock.notification
    where status = 'sent'
    """,
    """
    insert into restock.request_outcome (request_key, status, reason, notification_key, closed_at)
    select request_key, case when request_key %% 20 < 13 then 'notified' else 'expired' end, 'sent',
        case when request_key %% 20 < 13 then request_key end, %(clock)s
    from restock.request
    where request_key %% 20 < 13 or request_key %% 20 = 16
    """,
    """
    insert into restock.click (notification_key, store_id, product_id, clicked_at)
    select n.notification_key, 'main', r.product_id, n.status_at + interval '1 hour'
    from restock.notification as n
    inner join restock.request as r on n.notification_key = r.request_key
    where n.status = 'sent' and n.notification_key %% 8 = 0
    """,
    """
    insert into restock.purchase (order_id, user_id, store_id, product_id, ordered_at, quantity, amount)
    select 'o' || n.notification_key, n.user_id, 'main', r.product_id, n.status_at + interval '2 hours', 1, 10
    from restock.notification as n
    inner join restock.request as r on n.notification_key = r.request_key
    where n.status = 'sent' and n.notification_key %% 16 = 0
    """,
]
