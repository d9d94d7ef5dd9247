-- Purpose: make partitions ahead of the tables that grow by time.
-- Binds:   table (null for all).
-- Grain:   one row a partition that was made.
select
    table_name,
    partition_name
from restock.make_partitions(only_table => %(table)s)
