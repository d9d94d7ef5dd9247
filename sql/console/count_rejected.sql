-- Purpose: how many rejected rows of one file and reason wait to be replayed.
-- Binds:   path, reason.
-- Grain:   one row.
select count(*)
from restock.rejected_row as r
inner join restock.feed_file as f on r.feed_file_id = f.feed_file_id
where r.replayed_at is null and f.path = %(path)s and r.reason_code = %(reason)s
