-- Purpose: whether any request was looked at before for an open episode of the taken products. Of products that just
--          came back none was, and then a search among millions need not ask for each.
-- Grain:   one row.
-- Needs:   taken_product (take_plan_queue.sql).
select
    exists (
        select 1
        from restock.candidate
    )
    or exists (
        select 1
        from taken_product as t
        -- Product by product: PostgreSQL knows little of how many episodes are open, and would compare each with each.
        cross join
            lateral (
                select e.episode_id
                from restock.episode as e
                where t.store_id = e.store_id and t.product_id = e.product_id and e.closed_at is null
                offset 0 -- noqa: AM09
            ) as o
        inner join restock.decision as d on o.episode_id = d.episode_id
    ) as looked_before
