-- Purpose:  no request was told in two messages, in the same episode or in another.
-- Severity: fail
-- Grain:    one row: is_valid, debug_value (which break it, and how many).
with told_twice as (
    select d.request_key
    from restock.decision as d
    inner join restock.delivery_attempt as a on d.notification_key = a.notification_key
    where d.dropped_at is null and a.outcome = 'accepted'
    group by d.request_key
    having count(distinct d.notification_key) > 1
)

select
    count(*) = 0 as is_valid,
    concat('requests such as ', min(r.request_id), ' (', count(*), ' in all)') as debug_value
from told_twice as t
inner join restock.request as r on t.request_key = r.request_key
