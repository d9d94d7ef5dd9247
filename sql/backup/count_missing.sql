-- Purpose: how many requests the list names that the warehouse does not have: a file was not loaded again yet, or they
--          came over HTTP after the backup.
-- Needs:   listed_message.
-- Grain:   one row.
select count(distinct l.request_id) as missing_count
from listed_message as l
where
    l.request_id is not null
    and not exists (
        select 1
        from restock.request as r
        where r.request_id = l.request_id
    )
    and not exists (
        select 1
        from restock.joined_request as j
        where j.request_id = l.request_id
    )
