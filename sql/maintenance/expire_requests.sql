-- Purpose: expire one chunk of the overdue requests, if they are open still. Left alone are those that stand in a
--          message which has still to leave, and those that the planner has yet to look at: it expires them itself.
-- Binds:   clock, first_place, last_place (both ends included).
-- Needs:   overdue_request.
-- Grain:   one row: how many expired.
with overdue as (
    select
        o.store_id,
        o.product_id,
        o.user_id,
        o.channel
    from overdue_request as v
    inner join restock.open_request as o
        on
            v.store_id = o.store_id
            and v.product_id = o.product_id
            and v.user_id = o.user_id
            and v.channel = o.channel
            -- Closed since and asked again, it is another one, and young.
            and v.request_key = o.request_key
    where
        v.place between %(first_place)s and %(last_place)s
        -- Through the episodes, because decisions are found by them.
        and not exists (
            select 1
            from restock.episode as e
            inner join restock.decision as d on e.episode_id = d.episode_id
            inner join restock.notification as n on d.notification_key = n.notification_key
            where
                e.store_id = o.store_id
                and e.product_id = o.product_id
                and d.request_key = o.request_key
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
