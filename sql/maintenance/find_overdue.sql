-- Purpose: find the open requests that are older than requests may be, once for all chunks of an expiry: this reads
--          everything, and a chunk should not.
-- Binds:   clock, settings (jsonb, every setting).
-- Grain:   temporary table overdue_request: one row a request, numbered in the order in which they came.
create temporary table overdue_request as
with policy_in_force as (
    select %(settings)s::jsonb as settings
)

select
    row_number() over (order by o.request_key) as place,
    o.store_id,
    o.product_id,
    o.user_id,
    o.channel,
    o.request_key
from restock.open_request as o
inner join restock.request as r on o.request_key = r.request_key
cross join policy_in_force as s
where
    r.requested_at < %(clock)s - make_interval(
        days => coalesce(
            s.settings #>> array['overrides', 'product', o.store_id || '/' || o.product_id, 'request_ttl_days'],
            (
                select s.settings #>> array['overrides', 'category', p.category, 'request_ttl_days']
                from restock.product as p
                where
                    s.settings #> '{overrides,category}' is not null
                    and p.store_id = o.store_id
                    and p.product_id = o.product_id
            ),
            s.settings #>> array['overrides', 'store', o.store_id, 'request_ttl_days'],
            s.settings ->> 'request_ttl_days'
        )::integer
    )
