-- Purpose: the rejected rows that wait to be replayed, by file and reason.
-- Binds:   needs_correction (reasons of rows that cannot be read again as they came), most (rows).
-- Grain:   one row a file and reason, the latest first; group_count and row_count are those of all.
with waiting as (
    select
        r.feed_file_id,
        r.reason_code,
        count(*) as waiting_count,
        count(*) filter (where r.corrected_at is not null) as corrected_count,
        count(*) filter (
            where r.corrected_at is null and r.reason_code = any(%(needs_correction)s::text[])
        ) as stuck_count,
        min(r.line_number) as first_line,
        max(r.rejected_at) as rejected_at
    from restock.rejected_row as r
    where r.replayed_at is null
    group by r.feed_file_id, r.reason_code
)

select
    f.feed,
    f.path,
    w.reason_code,
    w.waiting_count,
    w.corrected_count,
    case
        -- Its header line was not kept, so none of its rows can be read again as it came.
        when f.header_text is null and f.path ~* '\.csv(\.gz)?$' then w.waiting_count - w.corrected_count
        else w.stuck_count
    end as stuck_count,
    w.first_line,
    w.rejected_at,
    (
        select r.detail
        from restock.rejected_row as r
        where r.feed_file_id = w.feed_file_id and r.replayed_at is null and r.reason_code = w.reason_code
        order by r.rejected_row_id
        limit 1
    ) as example,
    count(*) over () as group_count,
    sum(w.waiting_count) over ()::bigint as row_count
from waiting as w
inner join restock.feed_file as f on w.feed_file_id = f.feed_file_id
order by w.rejected_at desc, f.path asc, w.reason_code asc
limit %(most)s
