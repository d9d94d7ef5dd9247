-- Purpose: queue the products that those wait for who are reached anew. It is the last step, so that nobody waits for
--          these rows longer than the commit takes, and a statement of its own, so that it sees what was asked for
--          until now: requests that are committed later find the shopper as this file leaves them.
-- Binds:   clock.
-- Needs:   reached_anew.
insert into restock.plan_queue (store_id, product_id, plan_after)
select distinct
    o.store_id,
    o.product_id,
    %(clock)s::timestamptz
from reached_anew as c
inner join restock.open_request as o on c.user_id = o.user_id
order by o.store_id, o.product_id
on conflict (store_id, product_id) do update
    set plan_after = least(plan_queue.plan_after, excluded.plan_after)
