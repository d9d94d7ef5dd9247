-- Purpose: hand over to another role the schemas named, and what the current user owns in them. What somebody else
--          owns stays theirs, and what belongs to an extension as it is. A role without a login is to own a warehouse:
--          functions that run with the rights of their owner then never have those of a superuser.
-- Needs:   the settings restock.new_owner and restock.schemas (names with commas between them) of this session; the
--          current user may act as the new owner.
do $$
declare
    new_owner text := current_setting('restock.new_owner');
    names text[] := string_to_array(current_setting('restock.schemas'), ',');
    change text;
begin
    for change in
        with member as (
            select
                d.classid,
                d.objid
            from pg_depend as d
            where d.refclassid = 'pg_extension'::regclass and d.deptype = 'e'
        )

        select format('alter schema %I owner to %I', s.nspname, new_owner)
        from pg_namespace as s
        where s.nspname = any(names) and s.nspowner = current_user::regrole
        union all
        -- Sequences of columns, and indexes, go with their tables; a row type with its own.
        select format('alter %s %s owner to %I', k.word, c.oid::regclass, new_owner)
        from pg_class as c
        inner join (
            values
            ('r', 'table'),
            ('p', 'table'),
            ('S', 'sequence'),
            ('v', 'view'),
            ('m', 'materialized view'),
            ('f', 'foreign table')
        ) as k (kind, word) on c.relkind = k.kind::"char"
        where
            c.relnamespace::regnamespace::text = any(names)
            and c.relowner = current_user::regrole
            and ('pg_class'::regclass, c.oid) not in (select m.classid, m.objid from member as m)
            and not exists (
                select 1
                from pg_depend as d
                where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype in ('a', 'i')
                    and d.refclassid = 'pg_class'::regclass and d.refobjsubid > 0
            )
        union all
        select format('alter routine %s owner to %I', f.oid::regprocedure, new_owner)
        from pg_proc as f
        where
            f.pronamespace::regnamespace::text = any(names)
            and f.proowner = current_user::regrole
            and ('pg_proc'::regclass, f.oid) not in (select m.classid, m.objid from member as m)
        union all
        select format('alter type %s owner to %I', t.oid::regtype, new_owner)
        from pg_type as t
        where
            t.typnamespace::regnamespace::text = any(names)
            and t.typowner = current_user::regrole
            and ('pg_type'::regclass, t.oid) not in (select m.classid, m.objid from member as m)
            and t.typtype in ('e', 'd')
    loop
        execute change;
    end loop;
end
$$;
