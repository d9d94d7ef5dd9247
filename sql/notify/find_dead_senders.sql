-- Purpose: senders that hold leases and not the lock that shows that they live (delivery/alive.py).
-- Binds:   clock.
-- Grain:   one row a sender: leased_by. Names without a key, such as those of older versions, are left to their leases.
with live as (
    select (l.classid::bigint << 32) | l.objid::bigint as key
    from pg_locks as l
    where
        l.locktype = 'advisory'
        and l.objsubid = 1
        and l.granted
        and l.database = (
            select d.oid
            from pg_database as d
            where d.datname = current_database()
        )
),

leased as (
    select o.leased_by
    from restock.outbox as o
    where o.due_at <= %(clock)s and o.lease_until >= %(clock)s
    union
    select c.leased_by
    from restock.confirmation as c
    where c.status = 'waiting' and c.due_at <= %(clock)s and c.lease_until >= %(clock)s
),

named as (
    select
        leased_by,
        substring(leased_by from '/([0-9a-f]{16})/[^/]*$') as token
    from leased
)

select leased_by
from named
where token is not null and ('x' || token)::bit(64)::bigint not in (select live.key from live)
order by leased_by
