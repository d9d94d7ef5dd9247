-- Purpose: does this run have anything to do? Reads no waiting request.
-- Binds:   clock, min_quantity.
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
    or exists (
        select 1
        from restock.outbox
        where due_at <= %(clock)s and (lease_until is null or lease_until < %(clock)s)
    )
    or exists (
        select 1
        from restock.availability as a
        left join restock.episode as e
            on a.store_id = e.store_id and a.product_id = e.product_id and e.closed_at is null
        where
            (e.episode_id is null and a.quantity >= %(min_quantity)s)
            or (e.episode_id is not null and a.quantity = 0)
    ) as has_work
