-- Purpose: what claimed messages say of their products; and of rule 9, the last look, whether those are sold out. A
--          batch has many items of few episodes (read_batch.sql).
-- Binds:   episode_ids.
-- Grain:   one row an episode.
select
    e.episode_id,
    coalesce(e.closed_at is not null or a.quantity = 0, false) as is_sold_out,
    e.product_id,
    coalesce(p.name, e.product_id) as name,
    p.brand,
    p.price,
    p.currency,
    p.url,
    p.image_url
from restock.episode as e
left join restock.availability as a on e.store_id = a.store_id and e.product_id = a.product_id
left join restock.product as p on e.store_id = p.store_id and e.product_id = p.product_id
where e.episode_id = any(%(episode_ids)s::bigint[])
