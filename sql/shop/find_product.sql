-- Purpose: one product of the demo shop.
-- Binds:   store_id; product_id; since (when the delivery that is waited for was booked in, or null).
-- Grain:   one row: product_id, name, brand, category, price, currency, quantity; has_arrived says whether the stock is
--          as of since or later.
select
    product.product_id,
    product.name,
    product.brand,
    product.category,
    product.price,
    product.currency,
    coalesce(availability.quantity, 0) as quantity,
    coalesce(availability.snapshot_at >= %(since)s::timestamptz, false) as has_arrived
from restock.product
left join restock.availability
    on product.store_id = availability.store_id and product.product_id = availability.product_id
where product.store_id = %(store_id)s and product.product_id = %(product_id)s
