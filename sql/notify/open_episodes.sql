-- Purpose: open an episode for each product and store that has enough units and no open episode,
--          and put its product into the plan queue.
-- Binds:   clock, min_quantity, policy_id.
-- Grain:   one row: how many opened.
with opened as (
    insert into restock.episode (store_id, product_id, quantity, opened_at, policy_id)
    select
        a.store_id,
        a.product_id,
        a.quantity,
        %(clock)s,
        %(policy_id)s
    from restock.availability as a
    where
        a.quantity >= %(min_quantity)s
        and not exists (
            select 1
            from restock.episode as e
            where e.store_id = a.store_id and e.product_id = a.product_id and e.closed_at is null
        )
    order by a.store_id, a.product_id
    on conflict (store_id, product_id) where closed_at is null do nothing
    returning store_id, product_id
),

queued as (
    insert into restock.plan_queue (store_id, product_id, plan_after)
    select
        store_id,
        product_id,
        %(clock)s
    from opened
    order by store_id, product_id
    on conflict (store_id, product_id) do update
        set plan_after = least(plan_queue.plan_after, excluded.plan_after)
)

select count(*) as opened_count
from opened
