-- Purpose:  each request is open or has an outcome.
-- Severity: fail
-- Grain:    one row: is_valid, debug_value (which break it, and how many).
select
    count(*) = 0 as is_valid,
    concat('requests such as ', min(r.request_id), ' (', count(*), ' in all)') as debug_value
from restock.request as r
left join restock.open_request as o on r.request_key = o.request_key
left join restock.request_outcome as e on r.request_key = e.request_key
where o.request_key is null and e.request_key is null
