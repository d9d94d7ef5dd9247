-- Purpose: how many requests wait, and whether everything is paused.
-- Grain:   one row.
select
    (
        select count(*)
        from restock.open_request
    ) as waiting_count,
    coalesce(
        (
            select (settings ->> 'paused')::boolean
            from restock.policy
            order by policy_id desc
            limit 1
        ),
        false
    ) as is_paused
