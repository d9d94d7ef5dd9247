-- Purpose: the requests that someone may mean: by their id, their shopper or their product.
-- Binds:   name (id of a request or shopper, product or store/product), most (how many requests at most).
-- Grain:   one row a request id, the newest first.
select
    request_id,
    user_id,
    store_id,
    product_id
from (
    select
        request_id,
        user_id,
        store_id,
        product_id,
        requested_at
    from restock.request
    where request_id = %(name)s or user_id = %(name)s or %(name)s in (product_id, store_id || '/' || product_id)
    union all
    select
        j.request_id,
        r.user_id,
        r.store_id,
        r.product_id,
        j.requested_at
    from restock.joined_request as j
    inner join restock.request as r on j.request_key = r.request_key
    where j.request_id = %(name)s
) as found
order by requested_at desc, request_id asc
limit %(most)s
