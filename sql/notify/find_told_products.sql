-- Purpose: of which of the taken products somebody was told, or is to be told, within the cooldown. Of products that
--          just came back for the first time in it nobody was, and then nobody who waits need be asked for.
-- Binds:   first_day (the cooldown reaches no further back).
-- Grain:   one row a product, whichever its store.
-- Needs:   taken_product (take_plan_queue.sql).
select distinct e.product_id
from taken_product as t
inner join restock.episode as e on t.product_id = e.product_id
where
    -- Nothing leaves of an episode that closed (read_batch.sql).
    (e.closed_at is null or e.closed_at >= %(first_day)s)
    and exists (
        select 1
        from restock.decision as d
        where d.episode_id = e.episode_id and d.notification_key is not null and d.dropped_at is null
    )
