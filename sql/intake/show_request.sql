-- Purpose: where one request stands.
-- Binds:   request_id.
-- Grain:   one row, or none where the request is not known.
select
    request_id,
    user_id,
    store_id,
    product_id,
    channel,
    requested_at,
    status,
    reason,
    since,
    sentence
from restock.show_request(%(request_id)s)
