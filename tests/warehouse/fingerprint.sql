-- Purpose: everything that the catalogue knows of the structure of this database, to compare before and after.
-- Grain:   one row a fact: kind, object, detail.
with relation as (
    select c.*, n.nspname || '.' || c.relname as name
    from pg_class as c
    inner join pg_namespace as n on c.relnamespace = n.oid
    where n.nspname in ('restock', 'staging', 'mart')
)
select 'schema' as kind, nspname::text as object, nspacl::text as detail
from pg_namespace
where nspname !~ '^pg_'
union all
select 'relation', name, concat_ws(' ', oid, relkind, relpersistence, reloptions, relacl, relrowsecurity)
from relation
union all
select 'column', r.name || '.' || a.attname, concat_ws(
    ' ', a.attnum, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated, a.attacl,
    pg_get_expr(d.adbin, d.adrelid)
)
from relation as r
inner join pg_attribute as a on r.oid = a.attrelid and a.attnum > 0
left join pg_attrdef as d on a.attrelid = d.adrelid and a.attnum = d.adnum
union all
select 'constraint', r.name || '.' || c.conname, concat_ws(' ', c.oid, pg_get_constraintdef(c.oid))
from relation as r
inner join pg_constraint as c on r.oid = c.conrelid
union all
select 'index', r.name, pg_get_indexdef(r.oid)
from relation as r
where r.relkind = 'i'
union all
select 'view', r.name, pg_get_viewdef(r.oid)
from relation as r
where r.relkind in ('v', 'm')
union all
select 'function', p.oid::regprocedure::text, concat_ws(' ', p.oid, p.proacl, pg_get_functiondef(p.oid))
from pg_proc as p
where p.pronamespace::regnamespace::text in ('restock', 'staging', 'mart')
union all
select 'comment', (pg_identify_object(classoid, objoid, objsubid)).identity, description
from pg_description
where objoid >= 16384
union all
select 'default grant', concat_ws(' ', defaclrole::regrole, defaclnamespace::regnamespace, defaclobjtype), defaclacl::text
from pg_default_acl
union all
select 'version', 'migration', string_agg(version_num, ',')
from restock.migration
order by 1, 2, 3
