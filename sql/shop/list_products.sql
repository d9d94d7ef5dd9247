-- Purpose: one page of the demo shop's products, the sold-out ones first.
-- Binds:   store_id; pattern (like-pattern of name, category or brand); row_limit; row_offset.
-- Grain:   one row a product: product_id, name, brand, category, price, currency, quantity; product_count says how many
--          match on all pages.
select
    product.product_id,
    product.name,
    product.brand,
    product.category,
    product.price,
    product.currency,
    coalesce(availability.quantity, 0) as quantity,
    count(*) over () as product_count
from restock.product
left join restock.availability
    on product.store_id = availability.store_id and product.product_id = availability.product_id
where
    product.store_id = %(store_id)s
    and (
        product.name ilike %(pattern)s
        or product.category ilike %(pattern)s
        or product.brand ilike %(pattern)s
    )
order by coalesce(availability.quantity, 0) > 0, product.name, product.product_id
limit %(row_limit)s offset %(row_offset)s
