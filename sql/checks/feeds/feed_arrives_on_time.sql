-- Purpose:  the feed arrives as regularly as it used to.
-- Severity: warn; fail for inventory
-- Feeds:    all
-- Clears:   by itself
-- Binds:    feed, clock.
-- Grain:    one row: is_valid, debug_value (since when nothing came).
-- Regularly: it is late once twice the longest wait has passed that its last arrivals knew. What comes within one hour
-- counts as one arrival; with fewer than five arrivals nothing is usual yet.
with recursive arrival as (
    select
        1 as place,
        max(recorded_at) as arrived_at
    from restock.feed_file
    where feed = %(feed)s and origin <> 'replay' and status <> 'failed'
    union all
    select
        a.place + 1,
        (
            select max(f.recorded_at)
            from restock.feed_file as f
            where
                f.feed = %(feed)s
                and f.origin <> 'replay'
                and f.status <> 'failed'
                and f.recorded_at < date_trunc('hour', a.arrived_at)
        )
    from arrival as a
    where a.place < 50 and a.arrived_at is not null
),

wait as (
    select
        arrived_at,
        arrived_at - lead(arrived_at) over (order by place) as waited
    from arrival
    where arrived_at is not null
)

select
    count(waited) < 4 or max(arrived_at) + 2 * max(waited) >= %(clock)s as is_valid,
    concat(
        'the feed ', %(feed)s::text, ': nothing came since ', date_trunc('second', max(arrived_at)),
        ', and the longest wait before was ', date_trunc('second', max(waited))
    ) as debug_value
from wait
