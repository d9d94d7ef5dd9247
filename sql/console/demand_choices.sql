-- Purpose: the stores and categories that demand can be narrowed to.
-- Grain:   one row; lists in alphabetical order.
select
    coalesce(array_agg(distinct store_id order by store_id), '{}') as stores,
    coalesce(array_agg(distinct category order by category) filter (where category is not null), '{}') as categories,
    (select refreshed_at from mart.refreshed) as refreshed_at
from mart.product_demand
