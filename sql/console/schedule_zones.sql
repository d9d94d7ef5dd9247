-- Purpose: the time zones of the shoppers whose messages have still to leave; every n-th where they are very many.
-- Binds:   most (messages that are looked up).
-- Grain:   one row a time zone.
with taken as (
    select greatest(1, count(*) / %(most)s) as every
    from restock.outbox
)

select
    n.timezone,
    count(*) as message_count
from restock.outbox as o
cross join taken as t
inner join restock.notification as n on o.notification_key = n.notification_key
where mod(o.notification_key, t.every) = 0
group by n.timezone
