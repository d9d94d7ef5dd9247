-- Purpose: queue the products of new requests for a look, before anything that is open is closed or held. The
--          update, though it may change nothing, locks the row, so that a run that takes the queue leaves the product
--          for later.
--          Everyone takes products from the queue, or puts them there, before closing requests: in the other order two
--          transactions could wait for each other. A file that closes and joins nothing that is open holds nothing that
--          others wait for, and does it last (requests_queue_products_last.sql).
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
    and (
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
