-- Purpose: count the rows that repeat a known request, and reject those whose id belongs to a request of another
--          shopper or for another product: taken for a repetition, they would be lost.
-- Binds:   feed_file_id, reused_reason, reused_detail.
-- Needs:   incoming, known.
-- Grain:   one row of counts.
with rejected as (
    insert into restock.rejected_row (feed_file_id, line_number, raw_text, reason_code, detail)
    select
        %(feed_file_id)s,
        i.line_number,
        i.raw_text,
        %(reused_reason)s,
        %(reused_detail)s
    from known as k
    inner join incoming as i on k.line_number = i.line_number
    where not k.is_same
    order by i.line_number
)

select
    count(*) filter (where not is_same) as rejected,
    count(*) filter (where is_same) as duplicate
from known
