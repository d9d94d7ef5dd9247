-- Purpose: make partitions ahead of the tables that grow by time.
-- Grain:   one row a partition that was made.
select
    table_name,
    partition_name
from restock.make_partitions()
