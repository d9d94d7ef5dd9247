-- Purpose: the totals behind the metrics.
-- Grain:   one row a metric and what it is told apart by: name, tags, value.
select
    name,
    tags,
    total as value
from restock.figure
