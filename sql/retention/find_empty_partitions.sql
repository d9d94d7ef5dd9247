-- Purpose: the partitions all of whose rows were removed.
-- Grain:   one row a partition.
select p.partition_name
from restock.partition as p
inner join restock.kept_from as k on p.drawn_for = k.family
where p.to_key <= k.first_key
order by p.partition_name
