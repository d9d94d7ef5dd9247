-- Purpose: the tables that are cut into partitions.
-- Grain:   one row a table.
select table_name
from restock.partitioned_table
order by table_name
