-- Purpose: queue the products of new requests for a look, where requests_queue_products.sql did not: the rows of the
--          queue, which loads of customers and opening episodes want too, are then locked for no longer than the commit
--          takes.
-- Binds:   clock.
-- Needs:   arriving, in which is marked what stands; withdrawal.
insert into restock.plan_queue (store_id, product_id, plan_after)
select distinct
    store_id,
    product_id,
    %(clock)s::timestamptz
from arriving
where
    withdrawn_at is null
    and not (
        exists (
            select 1
            from withdrawal
        )
        or exists (
            select 1
            from arriving as s
            where s.standing_key is not null
        )
    )
order by store_id, product_id
on conflict (store_id, product_id) do update
    set plan_after = least(plan_queue.plan_after, excluded.plan_after)
