"""A warehouse for the benchmark of planning: open requests, five of each shopper, and products that are back."""

import psycopg

from restock.episodes import update_episodes
from restock.policy import resolve_policy
from tests.bench.plan_candidates import ALL_RULES, CLOCK, ZONES


def fill_warehouse(warehouse: psycopg.Connection, requests: int, products: int, restocked: int) -> int:
    """Fill an empty warehouse; ids are padded, so that they sort as they are made.

    Args:
        warehouse: Migrated.
        requests: Open requests.
        products: Products that they are spread over.
        restocked: How many of the products are back, with an open episode each.

    Returns:
        The policy in force, with every rule on.
    """
    policy_id = resolve_policy(warehouse, ALL_RULES).policy_id
    binds = {"requests": requests, "products": products, "restocked": restocked, "zones": ZONES, "clock": CLOCK}
    for statement in FILL:
        warehouse.execute(statement, binds)
    warehouse.execute("vacuum analyze")
    update_episodes(warehouse, policy_id, CLOCK)
    warehouse.execute("vacuum analyze restock.episode, restock.plan_queue")
    warehouse.execute("checkpoint")
    return policy_id


# Indexes after the rows: the benchmark is not about this.
FILL = [
    "set maintenance_work_mem = '1GB'",
    "alter table restock.request drop constraint request_id_key",
    "alter table restock.open_request drop constraint open_request_pkey",
    "drop index restock.open_request_user",
    """
    insert into restock.customer (user_id, email, timezone, tier)
    select 'u' || lpad(n::text, 8, '0'), 'u' || n || '@example.com',
        (%(zones)s::text[])[n %% cardinality(%(zones)s::text[]) + 1], n %% 3
    from generate_series(0, %(requests)s / 5 - 1) as n
    """,
    """
    insert into restock.request (request_id, user_id, store_id, product_id, channel, surface, requested_at)
    select 'r' || lpad(n::text, 8, '0'), 'u' || lpad((n / 5)::text, 8, '0'), 'main',
        'p' || lpad(((n / 5 * 7 + n %% 5 * 31) %% %(products)s)::text, 8, '0'), 'email', 'app',
        %(clock)s::timestamptz - make_interval(secs => 3600 + n::bigint * 7919 %% 5000000)
    from generate_series(0, %(requests)s - 1) as n
    """,
    """
    insert into restock.open_request (store_id, product_id, user_id, channel, request_key)
    select store_id, product_id, user_id, channel, request_key
    from restock.request
    order by store_id collate "C", product_id collate "C", user_id collate "C"
    """,
    "alter table restock.request add constraint request_id_key unique (request_id)",
    "alter table restock.open_request add primary key (store_id, product_id, user_id, channel)",
    "create index open_request_user on restock.open_request (user_id)",
    """
    insert into restock.product (store_id, product_id, name, category)
    select 'main', 'p' || lpad(n::text, 8, '0'), 'Product ' || n, 'c' || n %% 10
    from generate_series(0, %(products)s - 1) as n
    """,
    """
    insert into restock.availability (store_id, product_id, quantity, snapshot_at)
    select 'main', 'p' || lpad(n::text, 8, '0'), n %% 100 + 1, %(clock)s
    from generate_series(0, %(restocked)s - 1) as n
    """,
    "reset maintenance_work_mem",
]
