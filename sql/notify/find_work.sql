-- Purpose: does this run have anything to do? Reads no waiting request.
-- Binds:   clock, settings (jsonb, every setting).
-- Grain:   one row: has_work.
select
    exists (
        select 1
        from restock.plan_queue
        where plan_after <= %(clock)s
    )
    or exists (
        select 1
        from restock.candidate
    )
    -- Leased or not: whether the sender that has it still lives is looked at where it is sent.
    or exists (
        select 1
        from restock.outbox
        where due_at <= %(clock)s
    )
    or exists (
        select 1
        from restock.confirmation
        where status = 'waiting' and due_at <= %(clock)s
    )
    or exists (
        select 1
        from restock.episode as e
        inner join restock.gate as g on e.gate_id = g.gate_id
        where e.held_since is not null and e.closed_at is null and g.released_at is not null
    )
    or exists (
        select 1
        from restock.episode as e
        inner join restock.availability as a on e.store_id = a.store_id and e.product_id = a.product_id
        where e.closed_at is null and a.quantity = 0
    )
    -- Counted: for the first row alone the planner would look up product by product, which takes several times longer.
    or (
        select count(*) > 0
        from restock.stock_settings(%(settings)s) as s
        where
            s.quantity > 0
            and s.quantity >= s.min_quantity
            and not exists (
                select 1
                from restock.episode as e
                where e.store_id = s.store_id and e.product_id = s.product_id and e.closed_at is null
            )
            and not exists (
                select 1
                from restock.holding_gate as g
                where g.feed = 'inventory'
            )
    ) as has_work
