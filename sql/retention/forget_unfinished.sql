-- Purpose: forget a file that was not finished, once it is gone.
-- Binds:   table.
delete from restock.archive_file
where table_name = %(table)s and removed_at is null
