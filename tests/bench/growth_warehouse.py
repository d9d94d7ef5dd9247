"""What the warehouse of the growth benchmark holds before it is measured, and how large its tables are."""

from typing import NamedTuple

import psycopg

# Of ten requests that wait two more were told in the weeks before.
TOLD_SHARE = 5
PRODUCTS_SHARE = 50
SHOPPERS_SHARE = 5

FILL = (
    "set maintenance_work_mem = '1GB'",
    """
    insert into restock.product (store_id, product_id, name, url, image_url, price, currency, category, brand)
    select 'main', 'p' || n, 'Product with a name number ' || n, 'https://shop.example/p/' || n,
        'https://shop.example/i/' || n || '.jpg', 10 + mod(n, 200), 'EUR', 'c' || mod(n, 50), 'Brand ' || mod(n, 50)
    from generate_series(0, %(products)s - 1) as n
    """,
    """
    insert into restock.customer (user_id, email, locale, timezone, tier)
    select 'u' || n, 'shopper.' || n || '@example.com', (array['en-US', 'de-CH', 'ko-KR'])[1 + mod(n, 3)],
        (array['America/New_York', 'Europe/Zurich', 'Asia/Seoul'])[1 + mod(n, 3)], mod(n, 3)
    from generate_series(0, %(shoppers)s - 1) as n
    """,
    # Episodes of the last three weeks, as they opened one after the other.
    """
    insert into restock.episode (store_id, product_id, quantity, snapshot_at, opened_at, closed_at, policy_id)
    select 'main', 'p' || mod(n * 7919, %(products)s), 10, at, at, at + interval '1 day', %(policy_id)s
    from generate_series(0, %(products)s - 1) as n
    cross join lateral (select now() - interval '25 days' + n::float / %(products)s * interval '21 days' as at) as t
    """,
    """
    insert into restock.request (request_id, user_id, store_id, product_id, channel, surface, requested_at)
    select md5('told ' || n)::uuid::text, 'u' || mod(n * 7, %(shoppers)s), 'main', e.product_id, 'email', 'app',
        e.opened_at - interval '20 days'
    from generate_series(0, %(told)s - 1) as n
    inner join restock.episode as e on n / (%(told)s / %(products)s) + 1 = e.episode_id
    order by n
    """,
    "analyze restock.request, restock.episode",
    """
    insert into restock.notification (
        notification_id, opening_episode_id, opening_request_key, user_id, channel, store_id, locale, timezone,
        local_day, first_due_at, due_at, status, status_at, attempt_count, policy_id, created_at
    )
    select restock.message_id(e.episode_id, r.request_key), e.episode_id, r.request_key, r.user_id, 'email', 'main',
        'en-US', 'UTC', e.opened_at::date, e.opened_at, e.opened_at, 'sent',
        e.opened_at + interval '1 minute', 1, e.policy_id, e.opened_at
    from restock.request as r
    inner join restock.episode as e on r.product_id = e.product_id
    order by e.episode_id, r.request_key
    """,
    """
    insert into restock.decision (
        episode_id, request_key, outcome, rule, position, wave, due_at, scheduled_at, notification_key, policy_id,
        decided_at
    )
    select opening_episode_id, opening_request_key, 'told', 'queue', 1, 0, due_at, due_at, notification_key, policy_id,
        created_at
    from restock.notification
    order by opening_episode_id, opening_request_key
    """,
    """
    insert into restock.delivery_attempt (
        notification_key, attempt_number, outcome, provider_code, started_at, finished_at, sender
    )
    select notification_key, 1, 'accepted', '250', status_at, status_at, 'scheduled__2026/send_due/0'
    from restock.notification
    order by notification_key
    """,
    """
    insert into restock.request_outcome (request_key, status, reason, notification_key, closed_at)
    select opening_request_key, 'notified', 'sent', notification_key, status_at
    from restock.notification
    order by opening_request_key
    """,
    "reset maintenance_work_mem",
)
# A partitioned table is the sum of its partitions.
SIZES = """
with parts as (
    select c.oid, coalesce(pg_partition_root(c.oid), c.oid)::regclass::text as table_name
    from pg_class as c
    where c.relkind in ('r', 'p') and c.relnamespace = 'restock'::regnamespace
)

select
    p.table_name,
    sum(greatest(c.reltuples, 0))::bigint as row_count,
    sum(pg_table_size(p.oid))::bigint as table_bytes,
    sum(pg_indexes_size(p.oid))::bigint as index_bytes
from parts as p
inner join pg_class as c on p.oid = c.oid
where c.relkind = 'r'
group by p.table_name
order by p.table_name
"""


class TableSize(NamedTuple):
    """A table with all its partitions: rows, bytes of the table itself, bytes of its indexes."""

    table: str
    rows: int
    table_bytes: int
    index_bytes: int


def fill_past(warehouse: psycopg.Connection, policy_id: int, requests: int) -> None:
    """Catalogue, shoppers, and requests that were told, for that many requests to come."""
    binds = {
        "products": requests // PRODUCTS_SHARE,
        "shoppers": requests // SHOPPERS_SHARE,
        "told": requests // TOLD_SHARE,
        "policy_id": policy_id,
    }
    for statement in FILL:
        warehouse.execute(statement, {name: value for name, value in binds.items() if f"%({name})s" in statement})
    warehouse.execute("vacuum analyze")


def read_sizes(warehouse: psycopg.Connection) -> dict[str, TableSize]:
    """Sizes of the tables with rows, by name without schema. Analyzes them first."""
    warehouse.execute("analyze")
    sizes = [TableSize(*row) for row in warehouse.execute(SIZES)]
    return {size.table.removeprefix("restock."): size for size in sizes if size.rows}
