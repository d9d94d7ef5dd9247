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
    select distinct
        o.leased_by,
        substring(o.leased_by from '/([0-9a-f]{16})/[^/]*$') as token
    from restock.outbox as o
    where o.due_at <= %(clock)s and o.lease_until >= %(clock)s
)

select leased_by
from leased
where token is not null and ('x' || token)::bit(64)::bigint not in (select live.key from live)
order by leased_by
