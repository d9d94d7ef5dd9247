-- Purpose: take the products whose requests need a look now. The rows return if the transaction does not commit.
--          What an ingest has locked is left for the next run: waiting for it could end in a deadlock.
-- Binds:   clock.
-- Grain:   temporary table taken_product: one row a product and store.
create temporary table taken_product on commit drop as
with due as materialized (
    select
        store_id,
        product_id
    from restock.plan_queue
    where plan_after <= %(clock)s
    for update skip locked
),

taken as (
    delete from restock.plan_queue
    using due
    where plan_queue.store_id = due.store_id and plan_queue.product_id = due.product_id
    returning plan_queue.store_id, plan_queue.product_id
)

select
    store_id,
    product_id
from taken
