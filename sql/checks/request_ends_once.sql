-- Purpose:  no request that has an outcome is open.
-- Severity: fail
-- Grain:    one row: is_valid, debug_value (which break it, and how many).
select
    count(*) = 0 as is_valid,
    concat('requests such as ', min(r.request_id), ' (', count(*), ' in all)') as debug_value
from restock.open_request as o
inner join restock.request_outcome as e on o.request_key = e.request_key
inner join restock.request as r on o.request_key = r.request_key
