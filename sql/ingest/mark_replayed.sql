-- Purpose: settle the rows of a replay: they are replayed, and those that were rejected again point back at them.
-- Binds:   row_ids (rejected_row_id; the first is line 1 of the replay), feed_file_id (the replay), clock.
with replayed as (
    select
        u.rejected_row_id,
        u.line_number
    from unnest(%(row_ids)s::bigint[]) with ordinality as u (rejected_row_id, line_number)
),

linked as (
    update restock.rejected_row as n
    set rejected_before_id = p.rejected_row_id
    from replayed as p
    where n.feed_file_id = %(feed_file_id)s and n.line_number = p.line_number
)

update restock.rejected_row as r
set
    replayed_at = %(clock)s,
    replay_file_id = %(feed_file_id)s
from replayed as p
where r.rejected_row_id = p.rejected_row_id
