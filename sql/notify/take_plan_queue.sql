-- Purpose: take the products whose requests need a look now. The rows return if the transaction does not commit.
-- Binds:   clock.
-- Grain:   temporary table taken_product: one row a product and store.
create temporary table taken_product on commit drop as
with taken as (
    delete from restock.plan_queue
    where plan_after <= %(clock)s
    returning store_id, product_id
)

select
    store_id,
    product_id
from taken
