-- Purpose: the file of a table was read back and holds its rows.
-- Binds:   table, row_count, fingerprint, file_hash.
update restock.archive_file
set
    row_count = %(row_count)s,
    fingerprint = %(fingerprint)s,
    file_hash = %(file_hash)s,
    verified_at = now()
where table_name = %(table)s and removed_at is null
