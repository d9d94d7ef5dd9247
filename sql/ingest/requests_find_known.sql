-- Purpose: find the subscribe rows whose id was there before, in the warehouse or earlier in time in the file.
--          (A subscribe row is said as one that is no cancel: of a default the planner knows nothing, and takes = for
--          rare, <> for usual.)
-- Needs:   incoming.
-- Grain:   temporary table known: one row for each such row of the file. is_same says that the id belongs to the same
--          shopper, product and store; else it is reused.
create temporary table known on commit drop as
with subscribed as not materialized (
    select
        line_number,
        request_id,
        user_id,
        store_id,
        product_id,
        requested_at
    from incoming
    where action <> 'cancel'
),

standing as (
    select
        s.line_number,
        (s.user_id, s.store_id, s.product_id) = (r.user_id, r.store_id, r.product_id) as is_same
    from subscribed as s
    inner join restock.request as r on s.request_id = r.request_id
    union all
    select
        s.line_number,
        (s.user_id, s.store_id, s.product_id) = (r.user_id, r.store_id, r.product_id) as is_same
    from subscribed as s
    inner join restock.joined_request as j on s.request_id = j.request_id
    inner join restock.request as r on j.request_key = r.request_key
),

repeated as (
    select request_id
    from subscribed
    group by request_id
    having count(*) > 1
),

ranked as (
    select
        s.line_number,
        row_number() over same_id as place,
        (s.user_id, s.store_id, s.product_id)
        = (
            first_value(s.user_id) over same_id,
            first_value(s.store_id) over same_id,
            first_value(s.product_id) over same_id
        ) as is_same
    from repeated as d
    inner join subscribed as s on d.request_id = s.request_id
    where
        not exists (
            select 1
            from standing as k
            where k.line_number = s.line_number
        )
    window same_id as (
        partition by s.request_id
        order by s.requested_at, s.line_number
    )
)

select
    line_number,
    is_same
from standing
union all
select
    line_number,
    is_same
from ranked
where place > 1
