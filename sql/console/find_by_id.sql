-- Purpose: the request that is called so, be it one of its own or one that joined another.
-- Binds:   name.
-- Grain:   one row a request id: at most one.
select
    request_id,
    request_key,
    requested_at,
    null as joined_id
from restock.request
where request_id = %(name)s
union all
select
    j.request_id,
    j.request_key,
    j.requested_at,
    r.request_id as joined_id
from restock.joined_request as j
inner join restock.request as r on j.request_key = r.request_key
where j.request_id = %(name)s
