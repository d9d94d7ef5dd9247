-- Purpose: rows lie in the default partition of a table: the partition for their time is missing.
-- Binds:   clock.
-- Grain:   one row a table: subject, since, detail.
select
    p.table_name as subject,
    %(clock)s::timestamptz as since,
    concat(p.row_count, ' rows of restock.', p.table_name, ' lie in its default partition') as detail
from restock.default_partitions() as p
