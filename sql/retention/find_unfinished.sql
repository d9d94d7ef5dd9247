-- Purpose: the files of the archive that an earlier run did not finish.
-- Grain:   one row a file.
select
    path,
    table_name
from restock.archive_file
where removed_at is null
