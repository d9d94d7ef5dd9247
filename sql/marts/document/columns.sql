-- Purpose: every view and column of the marts with its type and comment, for the data dictionary.
-- Grain:   one row a column, view by view in the order of their names.
select
    c.relname::text as view_name,
    obj_description(c.oid, 'pg_class') as view_comment,
    a.attname::text as column_name,
    format_type(a.atttypid, a.atttypmod) as column_type,
    col_description(c.oid, a.attnum) as column_comment
from pg_class as c
inner join pg_attribute as a on c.oid = a.attrelid and a.attnum > 0
where c.relnamespace = 'mart'::regnamespace and c.relkind = 'v'
order by c.relname asc, a.attnum asc
