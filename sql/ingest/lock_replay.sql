-- Purpose: take the next rows of one file that are to be replayed, as many as fit into memory. They are held until the
--          end, so that of two replays at once the second finds them replayed.
-- Binds:   feed_file_id, reason (may be null), as_came (reasons of rows whose text can be read again as it came),
--          needs_correction (no text of this file can), max_rows, max_bytes.
-- Grain:   one row a rejected row, in the order of the file.
with next_row as (
    select
        r.rejected_row_id,
        octet_length(coalesce(r.corrected_text, r.raw_text)) as byte_count
    from restock.rejected_row as r
    where
        r.feed_file_id = %(feed_file_id)s
        and r.replayed_at is null
        and (%(reason)s::text is null or r.reason_code = %(reason)s)
        and (r.corrected_text is not null or (r.reason_code = any(%(as_came)s) and not %(needs_correction)s))
    order by r.rejected_row_id
    limit %(max_rows)s
),

fitting as (
    select
        rejected_row_id,
        sum(byte_count) over (order by rejected_row_id) - byte_count as bytes_before
    from next_row
)

select
    r.rejected_row_id,
    coalesce(r.corrected_text, r.raw_text) as row_text
from restock.rejected_row as r
inner join fitting as f on r.rejected_row_id = f.rejected_row_id
where f.bytes_before < %(max_bytes)s and r.replayed_at is null
order by r.rejected_row_id
for update of r
