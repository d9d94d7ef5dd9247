-- Purpose: which runs took one row of stock from the inbox to the mail server, and when that had it.
-- Binds:   product_id.
-- Grain:   one row once the message is accepted; none before.
select
    f.run_id as ingest_run,
    split_part(a.sender, '/', 1) as notify_run,
    a.finished_at as accepted_at
from restock.decision as d
inner join restock.request as r on d.request_key = r.request_key
inner join restock.delivery_attempt as a on d.notification_key = a.notification_key and a.outcome = 'accepted'
inner join restock.inventory as i on r.store_id = i.store_id and r.product_id = i.product_id
inner join restock.feed_file as f on i.feed_file_id = f.feed_file_id
where r.product_id = %(product_id)s
