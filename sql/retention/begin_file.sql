-- Purpose: say which file is about to be written, so that it is found if that does not end well.
-- Binds:   family, table, from_key, to_key, path.
insert into restock.archive_file (family, table_name, from_key, to_key, path, begun_at)
values (%(family)s, %(table)s, %(from_key)s, %(to_key)s, %(path)s, now())
