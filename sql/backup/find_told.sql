-- Purpose: the open requests that the list names.
-- Needs:   listed_message, told_request.
insert into told_request (request_key)
with named as (
    select
        request_id,
        request_key
    from restock.request
    union all
    select
        request_id,
        request_key
    from restock.joined_request
)

select distinct n.request_key
from listed_message as l
inner join named as n on l.request_id = n.request_id
inner join restock.open_request as o on n.request_key = o.request_key
