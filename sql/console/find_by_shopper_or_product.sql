-- Purpose: the requests of a shopper, or for a product, a page at a time.
-- Binds:   name (shopper, product, or store/product), products (what stands behind a slash in it), before_at and
--          before_key (last row of the page before; null for the first page), most.
-- Grain:   one row a request, the newest first.
-- Shoppers and products stand in no index of requests, because that would cost every load: this reads them all.
select
    request_id,
    request_key,
    requested_at,
    user_id = %(name)s as is_shopper
from restock.request
where
    (
        user_id = %(name)s
        or product_id = %(name)s
        -- The first part is cheap, and spares nearly every row the second.
        or (product_id = any(%(products)s) and store_id || '/' || product_id = %(name)s)
    )
    and (
        %(before_at)s::timestamptz is null
        or (requested_at, request_key) < (%(before_at)s::timestamptz, %(before_key)s::bigint)
    )
order by requested_at desc, request_key desc
limit %(most)s
