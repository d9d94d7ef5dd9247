-- Purpose: what one shopper waits for, a page at a time, with where each request stands.
-- Binds:   user_id, before_time and before_id (last row of the page before; null for the first page), most.
-- Grain:   one row a request, the newest first.
select
    s.request_id,
    s.user_id,
    s.store_id,
    s.product_id,
    s.channel,
    s.requested_at,
    s.status,
    s.reason,
    s.since,
    s.sentence
from
    restock.list_requests(
        %(user_id)s, %(before_time)s::timestamptz, %(before_id)s::text, %(most)s
    ) as l
cross join lateral restock.show_request(l.request_id) as s
order by l.requested_at desc, l.request_id desc
