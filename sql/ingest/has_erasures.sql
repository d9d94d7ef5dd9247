-- Purpose: whether anybody was erased: most warehouses need not look further.
-- Grain:   one row.
select
    exists(
        select 1
        from restock.erased_name
    ) as has_names
