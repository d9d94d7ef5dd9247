-- Purpose:  partitions are made ahead, so that the default partition of a table is empty.
-- Severity: warn
-- Grain:    one row: is_valid, debug_value (which break it, and how many).
with late as (
    select 'decision' as table_name
    where
        exists (
            select 1
            from restock.decision_default
        )
    union all
    select 'delivery_attempt' as table_name
    where
        exists (
            select 1
            from restock.delivery_attempt_default
        )
    union all
    select 'inbox' as table_name
    where
        exists (
            select 1
            from restock.inbox_default
        )
    union all
    select 'notification' as table_name
    where
        exists (
            select 1
            from restock.notification_default
        )
    union all
    select 'request_outcome' as table_name
    where
        exists (
            select 1
            from restock.request_outcome_default
        )
)

select
    count(*) = 0 as is_valid,
    concat('tables such as ', min(table_name), ' (', count(*), ' in all)') as debug_value
from late
