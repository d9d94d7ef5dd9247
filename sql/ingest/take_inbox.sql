-- Purpose: take the rows of a feed that wait longest out of the queue of the inbox. What another run is loading at this
--          moment is passed over; should that run end without a commit, it waits again.
-- Binds:   feed, max_rows.
-- Grain:   one row a row of the inbox, in the order of arrival.
with next_row as (
    select inbox_id
    from restock.inbox_pending
    where feed = %(feed)s
    order by inbox_id
    limit %(max_rows)s
    for update skip locked
),

taken as (
    delete from restock.inbox_pending as p
    using next_row as n
    where p.feed = %(feed)s and p.inbox_id = n.inbox_id
    returning p.inbox_id
)

select
    i.inbox_id,
    i.line,
    i.received_at
from taken as t
inner join restock.inbox as i on t.inbox_id = i.inbox_id
order by i.inbox_id
