-- Purpose:  each row of a replay was a rejected one, and each that it rejected again names the row before.
-- Severity: fail
-- Grain:    one row: is_valid, debug_value (which break it, and how many).
with replayed as (
    select
        replay_file_id as feed_file_id,
        count(*) as row_count
    from restock.rejected_row
    where replay_file_id is not null
    group by replay_file_id
),

again as (
    select
        feed_file_id,
        count(*) as row_count
    from restock.rejected_row
    where rejected_before_id is not null
    group by feed_file_id
)

select
    count(*) = 0 as is_valid,
    concat('replays such as ', min(f.path), ' (', count(*), ' in all)') as debug_value
from restock.feed_file as f
left join replayed as r on f.feed_file_id = r.feed_file_id
left join again as a on f.feed_file_id = a.feed_file_id
where
    (f.origin = 'replay' and f.read_count <> coalesce(r.row_count, 0))
    or (f.origin = 'replay' and f.rejected_count <> coalesce(a.row_count, 0))
    or (f.origin <> 'replay' and (r.row_count is not null or a.row_count is not null))
