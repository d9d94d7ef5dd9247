-- Purpose: the file in which the rows of a file came first: itself, unless it is a replay (of a replay ...), whose rows
--          are all of one file.
-- Binds:   feed_file_id.
-- Grain:   one row.
with recursive came as (
    select
        %(feed_file_id)s::bigint as feed_file_id,
        1 as step
    union all
    select
        (
            select b.feed_file_id
            from restock.rejected_row as r
            inner join restock.rejected_row as b on r.rejected_before_id = b.rejected_row_id
            where r.feed_file_id = c.feed_file_id
            order by r.rejected_row_id
            limit 1
        ),
        c.step + 1
    from came as c
    where c.feed_file_id is not null
)

select feed_file_id
from came
where feed_file_id is not null
order by step desc
limit 1
