-- Purpose: plan another look at products whose shoppers are in their cooldown.
-- Needs:   look_again (store_id, product_id, plan_after).
insert into restock.plan_queue (store_id, product_id, plan_after)
select
    store_id,
    product_id,
    plan_after
from look_again
order by store_id, product_id
on conflict (store_id, product_id) do update
    set plan_after = least(plan_queue.plan_after, excluded.plan_after)
