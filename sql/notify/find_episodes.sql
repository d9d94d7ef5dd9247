-- Purpose: the open, unheld episodes of the taken products, with what their requests have in common for the rules.
-- Binds:   by_category (whether any setting depends on it; without, category is null and no product is read).
-- Grain:   one row an episode.
-- Needs:   taken_product (take_plan_queue.sql).
select
    e.episode_id,
    e.store_id,
    e.product_id,
    case when %(by_category)s then p.category end as category,
    e.opened_at,
    e.quantity,
    e.notify_per_unit,
    e.last_position
from taken_product as t
inner join restock.episode as e on t.store_id = e.store_id and t.product_id = e.product_id
left join restock.product as p on t.store_id = p.store_id and t.product_id = p.product_id
where e.closed_at is null and e.held_since is null
