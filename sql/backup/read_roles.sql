-- Purpose: the roles that own something in this database or may do something in it, and who is in them. Roles are the
--          server's, so no dump of a database has them. Passwords are not read.
-- Grain:   one row a role: its rights on the database itself, and the roles that it is in.
with recursive named as (
    select d.refobjid as role_oid
    from pg_shdepend as d
    inner join pg_database as b on b.datname = current_database()
    where
        d.refclassid = 'pg_authid'::regclass
        and (d.dbid = b.oid or (d.classid = 'pg_database'::regclass and d.objid = b.oid))
    union
    -- The server keeps no such list of the user that it began with, who may own the database and say who may read
    -- tables of later.
    select b.datdba
    from pg_database as b
    where b.datname = current_database()
    union
    select a.defaclrole
    from pg_default_acl as a
    union
    select m.member
    from pg_auth_members as m
    inner join named as n on m.roleid = n.role_oid
)

select
    r.rolname as role_name,
    r.rolcanlogin as can_login,
    r.rolcreaterole as may_make_roles,
    b.datdba = r.oid as owns_database,
    array(
        select a.privilege_type
        from aclexplode(b.datacl) as a
        where a.grantee = r.oid
        order by a.privilege_type
    ) as database_rights,
    array(
        select g.rolname
        from pg_auth_members as m
        inner join pg_roles as g on m.roleid = g.oid
        where m.member = r.oid and m.roleid in (select n.role_oid from named as n)
        order by g.rolname
    ) as member_of
from named as n
inner join pg_roles as r on n.role_oid = r.oid
inner join pg_database as b on b.datname = current_database()
order by r.rolname
