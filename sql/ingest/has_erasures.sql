-- Purpose: whether anybody was erased, or an erased address is suppressed: most warehouses need not look further.
-- Grain:   one row.
select
    exists(
        select 1
        from restock.erased_name
    ) as has_names,
    exists(
        select 1
        from restock.suppressed_hash
    ) as has_suppressions
