-- Purpose: the files with rejected rows that wait to be replayed: those of one path, of one reason, or of both.
-- Binds:   path, reason (either may be null).
-- Grain:   one row a file, the oldest first, with how many such rows it has.
select
    f.feed_file_id,
    f.feed,
    f.path,
    f.header_text,
    count(*) as waiting_count
from restock.rejected_row as r
inner join restock.feed_file as f on r.feed_file_id = f.feed_file_id
where
    r.replayed_at is null
    and (
        %(path)s::text is null
        or f.path = %(path)s
        or (
            -- Rows of that file that were replayed and rejected again.
            f.origin = 'replay'
            and regexp_replace(f.path, '^(replay/[^/]+/)+|(#[0-9]+)+$', '', 'g') = %(path)s
        )
    )
    and (%(reason)s::text is null or r.reason_code = %(reason)s)
group by f.feed_file_id
order by f.feed_file_id
