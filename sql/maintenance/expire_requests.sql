-- Purpose: expire open requests that are older than requests may be. Left alone are those that stand in a message
--          which has still to leave, and those that the planner has yet to look at: it expires them itself.
-- Binds:   clock, settings (jsonb, every setting), chunk_size (how many to expire at most).
-- Grain:   one row: how many expired.
with policy_in_force as (
    select %(settings)s::jsonb as settings
),

overdue as (
    select
        o.store_id,
        o.product_id,
        o.user_id,
        o.channel
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
        and not exists (
            select 1
            from restock.decision as d
            inner join restock.notification as n on d.notification_key = n.notification_key
            where
                d.request_key = o.request_key
                and d.dropped_at is null
                and n.status in ('scheduled', 'claimed', 'held', 'failed')
        )
        and not exists (
            select 1
            from restock.episode as e
            where
                e.store_id = o.store_id
                and e.product_id = o.product_id
                and e.closed_at is null
                and e.held_since is null
                and not exists (
                    select 1
                    from restock.decision as d
                    where d.episode_id = e.episode_id and d.request_key = o.request_key
                )
        )
    order by o.request_key
    limit %(chunk_size)s
    -- Another run, or the task that ends one of these requests for another reason, has it: pass it by.
    for update of o skip locked
),

closed as (
    delete from restock.open_request as o
    using overdue as v
    where
        o.store_id = v.store_id
        and o.product_id = v.product_id
        and o.user_id = v.user_id
        and o.channel = v.channel
    returning o.request_key
),

ended as (
    insert into restock.request_outcome (request_key, status, reason, closed_at)
    select
        request_key,
        'expired' as status,
        'expired' as reason,
        %(clock)s as closed_at
    from closed
    on conflict (request_key) do nothing
)

select count(*) as expired_count
from closed
