-- Purpose: partitions of the tables that grow by time, retention, the archive, autovacuum.
-- Run by:  Alembic (0012_growth.py), inside one transaction.

-- ---------------------------------------------------------------------------------------------
-- What is partitioned, and how tables are stored
-- ---------------------------------------------------------------------------------------------

create table restock.partitioned_table (
    table_name text primary key,
    key_name text not null,
    drawn_for text not null,
    own_unique_column text
);
comment on table restock.partitioned_table is
'One table that grows by time, and is cut into partitions by ranges of a key, which ascends with time. Keys are in the'
' primary keys that carry the promises, as a time would not be.';
comment on column restock.partitioned_table.table_name is 'Name in the schema restock.';
comment on column restock.partitioned_table.key_name is 'The key that its partitions are ranges of.';
comment on column restock.partitioned_table.drawn_for is
'The table whose identity column of that name draws the keys; tables with the same one are cut at the same keys.';
comment on column restock.partitioned_table.own_unique_column is
'A column that each partition keeps unique in itself; docs/growth.md says why it is so over all of them.';
insert into restock.partitioned_table (table_name, key_name, drawn_for, own_unique_column)
values
('decision', 'request_key', 'request', null),
('delivery_attempt', 'notification_key', 'notification', null),
('inbox', 'inbox_id', 'inbox', null),
('notification', 'notification_key', 'notification', 'notification_id'),
('request_outcome', 'request_key', 'request', null);

create table restock.storage_setting (
    table_name text not null,
    parameter text not null,
    value text not null,
    reason text not null,
    primary key (table_name, parameter)
);
comment on table restock.storage_setting is
'One storage parameter that a table has on purpose; of a partitioned table each partition has it, for PostgreSQL passes'
' none on. restock.set_storage sets them, and sql/checks/storage_is_set.sql looks whether they are.';
comment on column restock.storage_setting.table_name is 'Name in the schema restock.';
comment on column restock.storage_setting.parameter is 'Storage parameter of PostgreSQL.';
comment on column restock.storage_setting.value is 'Its value.';
comment on column restock.storage_setting.reason is 'Why.';
insert into restock.storage_setting (table_name, parameter, value, reason)
values
-- Queues: few rows live, and each is written two or three times before it goes. By share of the rows, vacuum would
-- come when the queue is empty, or never; dead entries at the front of an index make each claim dearer.
('outbox', 'fillfactor', '30', 'A lease makes a row longer and stays within its page, without new index entries.'),
('outbox', 'autovacuum_vacuum_scale_factor', '0', 'A queue: dead rows count by number, not by share.'),
('outbox', 'autovacuum_vacuum_threshold', '20000', 'Twenty batches; a claim passes over no more dead entries.'),
('outbox', 'autovacuum_vacuum_cost_delay', '0', 'Small and hot: slow vacuum would hold up more than it saves.'),
('candidate', 'autovacuum_vacuum_scale_factor', '0', 'A queue: filled and emptied by each plan.'),
('candidate', 'autovacuum_vacuum_threshold', '20000', 'The next plan finds pages to use again.'),
('candidate', 'autovacuum_vacuum_cost_delay', '0', 'Small and hot.'),
('plan_queue', 'autovacuum_vacuum_scale_factor', '0', 'A queue: each look at a product is a row that goes.'),
('plan_queue', 'autovacuum_vacuum_threshold', '1000', 'Read at the start of every run, also of idle ones.'),
('plan_queue', 'autovacuum_vacuum_cost_delay', '0', 'Small and hot.'),
('inbox_pending', 'autovacuum_vacuum_scale_factor', '0', 'A queue: a row for each call, gone with the next load.'),
('inbox_pending', 'autovacuum_vacuum_threshold', '5000', 'The load reads it from its front.'),
('inbox_pending', 'autovacuum_vacuum_cost_delay', '0', 'Small and hot.'),
-- A handful of rows that change at every batch.
('departure', 'fillfactor', '20', 'Its rows are written anew at each step of a batch, within their page.'),
('departure', 'autovacuum_vacuum_scale_factor', '0', 'A handful of rows that change with every batch.'),
('departure', 'autovacuum_vacuum_threshold', '500', 'Its arrays are kept outside the page, and only vacuum ends them.'),
('rate_bucket', 'fillfactor', '10', 'Drawn from at every claim, within its page.'),
('rate_bucket', 'autovacuum_vacuum_scale_factor', '0', 'One row a channel, changed by every claim.'),
('rate_bucket', 'autovacuum_vacuum_threshold', '500', 'The row stays on one page.'),
-- Large tables that bulks go through: a fifth of ten million rows would be two million dead ones before vacuum comes.
('open_request', 'autovacuum_vacuum_scale_factor', '0.02', 'What ends leaves it in bulk; plans read it by index only.'),
('open_request', 'autovacuum_vacuum_insert_scale_factor', '0.05', 'Index-only scans need the visibility map early.'),
('open_request', 'autovacuum_analyze_scale_factor', '0.02', 'How many wait for a product decides how plans join.'),
('request', 'autovacuum_vacuum_insert_scale_factor', '0.05', 'Rows never change: frozen early and once.'),
('request', 'autovacuum_analyze_scale_factor', '0.02', 'A day is a small share, and asked for most.'),
('inventory', 'autovacuum_vacuum_scale_factor', '0.05', 'Each snapshot changes many rows, within their pages.'),
('availability', 'autovacuum_vacuum_scale_factor', '0.05', 'Each snapshot changes many rows, within their pages.'),
('notification', 'fillfactor', '70', 'A status moves within its page.'),
('notification', 'autovacuum_vacuum_scale_factor', '0.05', 'Three changes of status a message.'),
('notification', 'autovacuum_analyze_scale_factor', '0.02', 'A day is a small share, and asked for most.'),
('decision', 'autovacuum_vacuum_insert_scale_factor', '0.05', 'Hardly changes: frozen early.'),
('decision', 'autovacuum_analyze_scale_factor', '0.02', 'A day is a small share, and asked for most.'),
('delivery_attempt', 'autovacuum_vacuum_insert_scale_factor', '0.05', 'Never changes: frozen early.'),
('request_outcome', 'autovacuum_vacuum_insert_scale_factor', '0.05', 'Never changes: frozen early.'),
('inbox', 'autovacuum_vacuum_insert_scale_factor', '0.05', 'Never changes: frozen early.');

create table restock.key_growth (
    drawn_for text not null,
    noted_on date not null,
    next_key bigint not null,
    primary key (drawn_for, noted_on)
);
comment on table restock.key_growth is
'How far the keys of one table had come on one day, of the last forty: a partition is made as wide as a month needs.';
comment on column restock.key_growth.drawn_for is 'As in partitioned_table.';
comment on column restock.key_growth.noted_on is 'Day, in UTC.';
comment on column restock.key_growth.next_key is 'The key that would have been drawn next.';

create view restock.partition as
select
    t.table_name,
    c.relname::text as partition_name,
    c.oid as partition_id,
    t.drawn_for,
    pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT' as is_default,
    substring(pg_get_expr(c.relpartbound, c.oid) from 'FROM \(''(\d+)''\)')::bigint as from_key,
    substring(pg_get_expr(c.relpartbound, c.oid) from 'TO \(''(\d+)''\)')::bigint as to_key
from restock.partitioned_table as t
inner join pg_inherits as i on i.inhparent = to_regclass('restock.' || quote_ident(t.table_name))
inner join pg_class as c on i.inhrelid = c.oid;
comment on view restock.partition is 'One partition of one table that grows by time.';
comment on column restock.partition.table_name is 'Table.';
comment on column restock.partition.partition_name is 'Partition.';
comment on column restock.partition.partition_id is 'Its number in pg_class.';
comment on column restock.partition.drawn_for is 'As in partitioned_table.';
comment on column restock.partition.is_default is
'Whether it takes what no other one takes: it is empty unless nobody made partitions for months.';
comment on column restock.partition.from_key is 'First key; null: no bound.';
comment on column restock.partition.to_key is 'First key that is no longer in it; null: no bound.';

-- ---------------------------------------------------------------------------------------------
-- Making partitions
-- ---------------------------------------------------------------------------------------------

create function restock.set_storage(relation regclass, wanted_table text) returns void
language plpgsql
set search_path = restock, pg_temp
as $$
declare
    settings text;
begin
    select string_agg(format('%I = %s', s.parameter, s.value), ', ' order by s.parameter)
    into settings
    from storage_setting as s
    inner join pg_class as c on c.oid = relation
    where
        s.table_name = wanted_table
        and concat(s.parameter, '=', s.value) <> all(coalesce(c.reloptions, '{}'));
    if settings is not null then
        execute format('alter table %s set (%s)', relation, settings);
    end if;
end
$$;
comment on function restock.set_storage is
'Sets on a table or partition what restock.storage_setting says of the table, where it is not so already.';

create function restock.make_partition(wanted_table text, partition_name text, bound text) returns void
language plpgsql
set search_path = restock, pg_temp
as $$
declare
    own_unique_column text;
begin
    -- Made by itself and then attached, so that who works with the table waits for a moment only.
    execute format(
        'create table %I (like %I including comments including constraints including defaults including generated'
        ' including storage)',
        partition_name,
        wanted_table
    );
    perform set_storage(partition_name::regclass, wanted_table);
    execute format('comment on table %I is %L', partition_name, 'Partition of restock.' || wanted_table || '.');
    select t.own_unique_column into own_unique_column from partitioned_table as t where t.table_name = wanted_table;
    if own_unique_column is not null then
        execute format(
            'alter table %1$I add constraint %2$I unique (%3$I)',
            partition_name,
            concat(partition_name, '_', own_unique_column, '_key'),
            own_unique_column
        );
    end if;
    execute format('alter table %I attach partition %I %s', wanted_table, partition_name, bound);
end
$$;
comment on function restock.make_partition is 'Makes one partition, with everything that PostgreSQL does not pass on.';

create function restock.partition_width(wanted text, until_key bigint, least_width bigint) returns bigint
language sql stable
set search_path = restock, pg_temp
as $$
    -- Whole millions, so that the bounds can be read.
    select
        coalesce(
            (
                select
                    least(
                        greatest(
                            least_width,
                            ceil((until_key - g.next_key) * 30.0 / (current_date - g.noted_on) / 1000000) * 1000000
                        ),
                        1000000000
                    )::bigint
                from key_growth as g
                where g.drawn_for = wanted and g.noted_on <= current_date - 7
                order by g.noted_on
                limit 1
            ),
            least_width
        )
$$;
comment on function restock.partition_width is
'How many keys a partition is to hold: as many as thirty days need, going by the last forty, and least_width at least.';

create function restock.make_partitions(only_table text default null, least_width bigint default 10000000)
returns table (table_name text, partition_name text, from_key bigint, to_key bigint)
language plpgsql security definer
set search_path = restock, pg_temp
set lock_timeout = '3s'
as $$
#variable_conflict use_column
declare
    kind record;
    next_key bigint;
    width bigint;
    upper_bound bigint;
    highest bigint;
    number integer;
    grantee text;
    privilege text;
begin
    -- One at a time; whoever comes second finds nothing left to do.
    perform pg_advisory_xact_lock(7370012, 0);
    for kind in
        select p.* from partitioned_table as p where only_table is null or p.table_name = only_table order by p.table_name
    loop
        execute format(
            'select coalesce(pg_sequence_last_value(pg_get_serial_sequence(%L, %L)::regclass), 0) + 1',
            'restock.' || kind.drawn_for,
            kind.key_name
        ) into next_key;
        width := partition_width(kind.drawn_for, next_key, least_width);
        insert into key_growth as g (drawn_for, noted_on, next_key)
        values (kind.drawn_for, current_date, next_key)
        on conflict (drawn_for, noted_on) do nothing;
        delete from key_growth as g where g.noted_on < current_date - 40;

        select max(p.to_key), max(substring(p.partition_name from '\d+$')::integer)
        into upper_bound, number
        from partition as p
        where p.table_name = kind.table_name and not p.is_default;
        execute format('select max(%I) from %I', kind.key_name, kind.table_name || '_default') into highest;
        if highest is not null then
            -- It becomes a partition like the others, as it stands, and a new default takes its place. The lock before
            -- the second look: nothing gets in any more.
            execute format('lock table %I in access exclusive mode', kind.table_name);
            execute format('select max(%I) from %I', kind.key_name, kind.table_name || '_default') into highest;
            number := number + 1;
            from_key := upper_bound;
            upper_bound := ceil(greatest(highest + 1, next_key) / least_width::numeric) * least_width;
            partition_name := format('%s_%s', kind.table_name, number);
            execute format('alter table %1$I detach partition %1$s_default', kind.table_name);
            execute format('alter table %I rename to %I', kind.table_name || '_default', partition_name);
            perform rename_indexes(kind.table_name || '_default', partition_name);
            execute format(
                'alter table %I attach partition %I for values from (%s) to (%s)',
                kind.table_name, partition_name, from_key, upper_bound
            );
            perform make_partition(kind.table_name, kind.table_name || '_default', 'default');
            table_name := kind.table_name;
            to_key := upper_bound;
            return next;
        end if;
        while upper_bound < next_key + width loop
            number := number + 1;
            table_name := kind.table_name;
            partition_name := format('%s_%s', kind.table_name, number);
            from_key := upper_bound;
            to_key := upper_bound + width;
            perform make_partition(
                table_name, partition_name, format('for values from (%s) to (%s)', from_key, to_key)
            );
            upper_bound := to_key;
            return next;
        end loop;

        -- Who analyzes a table analyzes its partitions, and who may read it may look into one.
        for grantee, partition_name, privilege in
            select quote_ident(r.rolname), p.partition_name, a.privilege_type
            from pg_class as c
            cross join lateral aclexplode(c.relacl) as a
            inner join pg_roles as r on a.grantee = r.oid
            inner join partition as p on c.relname = p.table_name
            where
                c.oid = to_regclass(kind.table_name)
                and a.privilege_type in ('SELECT', 'MAINTAIN')
                and not has_table_privilege(a.grantee, p.partition_id, a.privilege_type)
        loop
            execute format('grant %s on %I to %s', privilege, partition_name, grantee);
        end loop;
    end loop;
end
$$;
comment on function restock.make_partitions is
'Makes partitions so that each table has room for a month and more ahead, and returns those it made. What nobody had'
' made room for is in the default partition by then: that becomes a partition like the others. Waits three seconds for'
' a lock at most (lock_not_available), and holds its locks until the commit: while the tables are in use, one table a'
' transaction. only_table: null for all. least_width: keys in a partition at least.';

create function restock.rename_indexes(old_name text, new_name text) returns void
language plpgsql
set search_path = restock, pg_temp
as $$
declare
    index_name text;
begin
    for index_name in
        select c.relname
        from pg_index as i
        inner join pg_class as c on i.indexrelid = c.oid
        where i.indrelid = new_name::regclass
    loop
        execute format(
            'alter index %I rename to %I',
            index_name,
            case
                when starts_with(index_name, old_name) then new_name || substr(index_name, length(old_name) + 1)
                else concat(new_name, '_', index_name)
            end
        );
    end loop;
end
$$;
comment on function restock.rename_indexes is 'Names the indexes of a table that got a new name after it.';

revoke execute on function
restock.set_storage,
restock.make_partition,
restock.make_partitions,
restock.rename_indexes
from public;

-- ---------------------------------------------------------------------------------------------
-- The tables that are there become the first partition of theirs: nothing is written anew
-- ---------------------------------------------------------------------------------------------

-- Rows cannot be looked up row by row in what is cut otherwise, and it cost each message some microseconds. These
-- hold by how the rows are made: the message is there before anything names it, and so is the request.
-- sql/checks/plan_is_anchored.sql and what_names_a_file_or_request_finds_it.sql look every day.
alter table restock.request_outcome
drop constraint request_outcome_request_key_fkey,
drop constraint request_outcome_notification_key_fkey;
alter table restock.delivery_attempt drop constraint delivery_attempt_notification_key_fkey;
alter table restock.click drop constraint click_notification_key_fkey;

do $$
declare
    kind record;
    made record;
    first_name text;
    views text[];
    statements text[];
    each text;
    next_key bigint;
    sequence_name text;
begin
    -- With an empty path PostgreSQL writes the names of tables in full.
    set local search_path = pg_catalog;

    select string_agg(format('%s.%s', c.relnamespace::regnamespace, c.relname), ', ')
    into each
    from (
        select distinct r.ev_class
        from pg_depend as d
        inner join pg_rewrite as r on d.objid = r.oid
        inner join restock.partitioned_table as t on d.refobjid = to_regclass('restock.' || t.table_name)
        where d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass
    ) as v
    inner join pg_class as c on v.ev_class = c.oid
    where c.relkind = 'm';
    if each is not null then
        raise exception using message = concat(
            'The materialized view ', each, ' reads a table that is going to be partitioned: drop it, migrate, and make'
            ' it again.'
        );
    end if;

    -- Views are bound to the table, whatever its name: they have to be told of the new one.
    select array_agg(
        format(
            'create or replace view %s %s as %s',
            c.oid::regclass,
            'with (' || array_to_string(c.reloptions, ', ') || ')',
            pg_get_viewdef(c.oid)
        )
    )
    into views
    from pg_class as c
    where
        c.relkind = 'v'
        and exists (
            select 1
            from pg_rewrite as r
            inner join pg_depend as d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
            inner join restock.partitioned_table as t on d.refobjid = to_regclass('restock.' || t.table_name)
            where r.ev_class = c.oid and d.refclassid = 'pg_class'::regclass
        );

    for kind in select * from restock.partitioned_table order by table_name loop
        first_name := kind.table_name || '_1';
        select array_agg(s.statement)
        into statements
        from (
            select
                case
                    when c.oid is null then pg_get_indexdef(i.indexrelid)
                    else
                        format(
                            'alter table restock.%I add constraint %I %s',
                            kind.table_name, c.conname, pg_get_constraintdef(c.oid)
                        )
                end as statement
            from pg_index as i
            left join pg_constraint as c on i.indexrelid = c.conindid and c.contype in ('p', 'u')
            where
                i.indrelid = to_regclass('restock.' || kind.table_name)
                and (c.oid is null or c.contype = 'p')
            union all
            select pg_get_triggerdef(g.oid)
            from pg_trigger as g
            where g.tgrelid = to_regclass('restock.' || kind.table_name) and not g.tgisinternal
            union all
            select
                format(
                    'grant %s on restock.%I to %s%s',
                    a.privilege_type,
                    kind.table_name,
                    coalesce(quote_ident(r.rolname), 'public'),
                    case when a.is_grantable then ' with grant option' else '' end
                )
            from pg_class as c
            cross join lateral aclexplode(c.relacl) as a
            left join pg_roles as r on a.grantee = r.oid
            where c.oid = to_regclass('restock.' || kind.table_name) and a.grantee <> c.relowner
            union all
            select
                format(
                    'grant %s (%I) on restock.%I to %s%s',
                    a.privilege_type,
                    t.attname,
                    kind.table_name,
                    coalesce(quote_ident(r.rolname), 'public'),
                    case when a.is_grantable then ' with grant option' else '' end
                )
            from pg_attribute as t
            cross join lateral aclexplode(t.attacl) as a
            left join pg_roles as r on a.grantee = r.oid
            where t.attrelid = to_regclass('restock.' || kind.table_name)
            union all
            select format('alter table restock.%I owner to %s', kind.table_name, c.relowner::regrole)
            from pg_class as c
            where c.oid = to_regclass('restock.' || kind.table_name)
            union all
            select format('comment on table restock.%I is %L', kind.table_name, obj_description(c.oid, 'pg_class'))
            from pg_class as c
            where c.oid = to_regclass('restock.' || kind.table_name)
        ) as s;
        -- The next key, as far as it has been drawn for: what was copied in drew none.
        sequence_name := pg_get_serial_sequence('restock.' || kind.drawn_for, kind.key_name);
        execute format('select coalesce(pg_sequence_last_value(%L::regclass), 0) + 1', sequence_name) into next_key;
        execute format('select greatest(%s, max(%I) + 1) from restock.%I', next_key, kind.key_name, kind.table_name)
        into next_key;

        for made in
            select g.tgname
            from pg_trigger as g
            where g.tgrelid = to_regclass('restock.' || kind.table_name) and not g.tgisinternal
        loop
            execute format('drop trigger %I on restock.%I', made.tgname, kind.table_name);
        end loop;
        if kind.table_name = kind.drawn_for then
            execute format('alter table restock.%I alter column %I drop identity', kind.table_name, kind.key_name);
        end if;
        execute format('alter table restock.%I rename to %I', kind.table_name, first_name);
        perform restock.rename_indexes(kind.table_name, first_name);
        execute format(
            'create table restock.%I (like restock.%I including comments including constraints including defaults'
            ' including generated including storage) partition by range (%I)',
            kind.table_name, first_name, kind.key_name
        );
        if kind.table_name = kind.drawn_for then
            execute format(
                'alter table restock.%I alter column %I add generated always as identity (sequence name %s start %s)',
                kind.table_name, kind.key_name, sequence_name, next_key
            );
        end if;
        foreach each in array statements loop
            execute each;
        end loop;
        perform restock.set_storage(('restock.' || first_name)::regclass, kind.table_name);
        execute format(
            'comment on table restock.%I is %L', first_name, 'Partition of restock.' || kind.table_name || '.'
        );
        execute format(
            'alter table restock.%I attach partition restock.%I for values from (minvalue) to (%s)',
            kind.table_name, first_name, ceil(next_key / 10000000.0) * 10000000
        );
        perform restock.make_partition(kind.table_name, kind.table_name || '_default', 'default');
        execute format('analyze restock.%I', kind.table_name);
    end loop;

    foreach each in array coalesce(views, '{}') loop
        execute each;
    end loop;
    perform restock.set_storage(('restock.' || s.table_name)::regclass, s.table_name)
    from (
        select distinct s.table_name
        from restock.storage_setting as s
        where s.table_name not in (select t.table_name from restock.partitioned_table as t)
    ) as s;
end
$$;
select count(*) from restock.make_partitions();

-- ---------------------------------------------------------------------------------------------
-- Retention: what is archived and removed, and what stays of it
-- ---------------------------------------------------------------------------------------------

create table restock.kept_from (
    family text primary key,
    first_key bigint not null,
    kept_since timestamptz not null,
    moved_at timestamptz not null
);
comment on table restock.kept_from is
'From where on the rows of one family of tables are kept; those before are in the archive (restock.archive_file). The'
' inbox is not archived, and emptied a week after it was loaded.';
comment on column restock.kept_from.family is
'request (with joined_request, request_outcome and decision), notification (with delivery_attempt and click) or inbox.';
comment on column restock.kept_from.first_key is 'No row has a smaller key.';
comment on column restock.kept_from.kept_since is 'What ended at this moment or later is kept.';
comment on column restock.kept_from.moved_at is 'When rows were removed last.';

create table restock.archive_file (
    archive_file_id bigint generated always as identity primary key,
    family text not null,
    table_name text not null,
    from_key bigint not null,
    to_key bigint not null,
    path text not null unique,
    row_count bigint check (row_count >= 0),
    fingerprint numeric,
    file_hash text,
    begun_at timestamptz not null,
    verified_at timestamptz,
    removed_at timestamptz,
    constraint archive_file_range_agrees check (from_key < to_key),
    constraint archive_file_verified_whole check (
        num_nonnulls(row_count, fingerprint, file_hash, verified_at) in (0, 4)
    ),
    constraint archive_file_removed_after_verified check (removed_at is null or verified_at is not null)
);
create unique index archive_file_under_way on restock.archive_file (table_name) where removed_at is null;
comment on table restock.archive_file is
'One Parquet file of the archive: the rows of one table in a range of keys. Without removed_at it is not finished, and'
' its rows are in the warehouse still: the next run writes it anew.';
comment on column restock.archive_file.archive_file_id is 'Surrogate key.';
comment on column restock.archive_file.family is 'Tables that are archived and removed together, as in kept_from.';
comment on column restock.archive_file.table_name is 'Table.';
comment on column restock.archive_file.from_key is 'First key; of purchases the day, counted from 1970-01-01.';
comment on column restock.archive_file.to_key is 'First key (or day) that is no longer in it.';
comment on column restock.archive_file.path is 'Where the file is, below the folder _archive of the landing area.';
comment on column restock.archive_file.row_count is 'Rows, as read back from the file.';
comment on column restock.archive_file.fingerprint is
'Sum of the hashes of the rows as they were in the warehouse; they are removed only while it is the same.';
comment on column restock.archive_file.file_hash is 'SHA-256 of the file, as read back.';
comment on column restock.archive_file.begun_at is 'When it was begun.';
comment on column restock.archive_file.verified_at is
'When it had been read back and agreed with what was to be written.';
comment on column restock.archive_file.removed_at is 'When its rows were removed from the warehouse.';

create function restock.archived_tables(wanted_family text) returns table (table_name text, key_expression text)
language sql immutable
as $$
    select
        t.name,
        t.key_expression
    from (
        values
        ('request', 'decision', 'request_key', 1),
        ('request', 'request_outcome', 'request_key', 2),
        ('request', 'joined_request', 'request_key', 3),
        ('request', 'request', 'request_key', 4),
        ('notification', 'click', 'notification_key', 1),
        ('notification', 'delivery_attempt', 'notification_key', 2),
        ('notification', 'notification', 'notification_key', 3),
        ('purchase', 'purchase', '((ordered_at at time zone ''UTC'')::date - date ''1970-01-01'')', 1)
    ) as t (family, name, key_expression, place)
    where t.family = wanted_family
    order by t.place
$$;
comment on function restock.archived_tables is
'The tables that are archived and removed together, in the order of removal, and what their ranges are of.';

create function restock.first_needed(wanted_family text, since timestamptz, below bigint) returns bigint
language plpgsql stable
set search_path = restock, pg_temp
as $$
declare
    needed bigint;
begin
    if wanted_family = 'request' then
        select min(x.request_key)
        into needed
        from (
            -- Open, or ended not long enough ago, or asked so late that the same row, landed again, could be answered.
            select r.request_key
            from request as r
            left join request_outcome as o on r.request_key = o.request_key
            where r.request_key < below and (o.request_key is null or o.closed_at >= since or r.requested_at >= since)
            union all
            select w.request_key
            from open_request as w
            where w.request_key < below
            union all
            select j.request_key
            from joined_request as j
            where j.request_key < below and j.requested_at >= since
            union all
            -- Cooldown, daily cap, waves by evidence: they look at messages and their items.
            select d.request_key
            from decision as d
            inner join notification as n on d.notification_key = n.notification_key
            where
                d.request_key < below
                and (n.status not in ('sent', 'cancelled', 'dead') or n.status_at >= since)
            union all
            select k.request_key
            from candidate as k
            where k.request_key < below
        ) as x;
    elsif wanted_family = 'notification' then
        select min(x.notification_key)
        into needed
        from (
            select n.notification_key
            from notification as n
            where
                n.notification_key < below
                and (n.status not in ('sent', 'cancelled', 'dead') or n.status_at >= since)
            union all
            select o.notification_key
            from outbox as o
            where o.notification_key < below
            union all
            -- Requests go first, and what names a message with them.
            select min(d.notification_key)
            from decision as d
            where d.notification_key < below
        ) as x;
    elsif wanted_family = 'purchase' then
        -- What a waiting shopper bought since asking; and what followed a message that is still here, for the marts.
        select (least(min(x.moment), since - interval '31 days') at time zone 'UTC')::date - date '1970-01-01'
        into needed
        from (
            select min(r.requested_at) as moment
            from open_request as o
            inner join request as r on o.request_key = r.request_key
            union all
            select min(d.decided_at)
            from decision as d
        ) as x;
    else
        raise exception 'There is no family of tables called %.', wanted_family;
    end if;
    return least(coalesce(needed, below), below);
end
$$;
comment on function restock.first_needed is
'The first key (of purchases the day) that has to stay: everything before it ended before since, and no rule looks at'
' it any more. At most below.';

create function restock.fingerprint(wanted_table text, key_expression text, from_key bigint, to_key bigint)
returns table (row_count bigint, fingerprint numeric)
language plpgsql stable
set search_path = restock, pg_temp
as $$
begin
    return query execute format(
        'select count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) from %I as t'
        ' where %s >= $1 and %s < $2',
        wanted_table, key_expression, key_expression
    ) using from_key, to_key;
end
$$;
comment on function restock.fingerprint is
'How many rows a table has in a range of keys, and the sum of their hashes: another one as soon as a value differs.';

-- Links that stop messages work for two years (docs/links.md), and requests and messages may go before that. The hash
-- is that of restock.suppressed_hash, which every claim looks at.
create table restock.removed_message (
    notification_id uuid primary key,
    channel text not null,
    store_id text not null,
    locale text,
    contact_hash bytea not null check (length(contact_hash) = 32),
    created_at timestamptz not null
);
create index removed_message_created on restock.removed_message using brin (created_at);
comment on table restock.removed_message is
'One message that left and whose requests were removed, for as long as the link in it stops messages: two years.';
comment on column restock.removed_message.notification_id is 'As in notification.';
comment on column restock.removed_message.channel is 'Channel.';
comment on column restock.removed_message.store_id is 'Store.';
comment on column restock.removed_message.locale is 'Language of the message.';
comment on column restock.removed_message.contact_hash is
'restock.hash_name of contact:<address in lower case>: the address it went to.';
comment on column restock.removed_message.created_at is 'When it was scheduled, which is the time in its links.';

create function restock.forget_removed_messages() returns trigger
language plpgsql security definer
set search_path = restock, pg_temp
as $$
begin
    delete from removed_message as m
    using new_name as e
    where m.contact_hash = e.name_hash;
    return null;
end
$$;
comment on function restock.forget_removed_messages is
'Of an erased address no old message is known either. One reading of removed_message for each erasure.';
revoke execute on function restock.forget_removed_messages from public;
create trigger forget_removed_messages after insert on restock.erased_name
referencing new table as new_name
for each statement execute function restock.forget_removed_messages();
create trigger forget_removed_messages_again after update on restock.erased_name
referencing new table as new_name
for each statement execute function restock.forget_removed_messages();

create function restock.remove_archived(
    wanted_family text, wanted_from bigint, wanted_to bigint, since timestamptz
) returns bigint
language plpgsql security definer
set search_path = restock, pg_temp
-- A range is a small share of the messages; the marts beside it are summed up without nested loops.
set enable_nestloop = on
as $$
declare
    part record;
    archived record;
    found_now record;
    removed bigint := 0;
    changed bigint;
begin
    if since > now() - interval '200 days' then
        raise exception 'Nothing that ended in the last 200 days is removed.';
    end if;
    if first_needed(wanted_family, since, wanted_to) < wanted_to then
        raise exception 'Some of it is needed again: archive anew.' using errcode = 'object_not_in_prerequisite_state';
    end if;
    if wanted_family = 'request' then
        insert into removed_message (notification_id, channel, store_id, locale, contact_hash, created_at)
        select n.notification_id, n.channel, n.store_id, n.locale, hash_name('contact:' || a.contact), n.created_at
        from decision as d
        inner join notification as n
            on
                d.notification_key = n.notification_key
                and d.request_key = n.opening_request_key
                and d.episode_id = n.opening_episode_id
        inner join request as r on d.request_key = r.request_key
        left join customer as c on n.user_id = c.user_id
        cross join lateral (
            select lower(address_for(n.channel, r.contact, c.email, c.phone, c.webhook_url)) as contact
        ) as a
        where
            d.request_key >= wanted_from
            and d.request_key < wanted_to
            and (n.status = 'sent' or n.attempt_count > 0)
            and n.created_at > now() - interval '730 days'
            and a.contact is not null
        on conflict (notification_id) do nothing;
    end if;
    for part in select t.table_name, t.key_expression from archived_tables(wanted_family) as t loop
        select f.* into archived
        from archive_file as f
        where
            f.table_name = part.table_name
            and f.from_key = wanted_from
            and f.to_key = wanted_to
            and f.verified_at is not null
            and f.removed_at is null;
        select p.row_count, p.fingerprint into found_now
        from fingerprint(part.table_name, part.key_expression, wanted_from, wanted_to) as p;
        if archived.row_count is distinct from found_now.row_count
            or archived.fingerprint is distinct from found_now.fingerprint
        then
            raise exception 'What % holds is not what was archived: archive anew.', part.table_name
            using errcode = 'object_not_in_prerequisite_state';
        end if;
        execute format(
            'delete from %I where %s >= $1 and %s < $2', part.table_name, part.key_expression, part.key_expression
        ) using wanted_from, wanted_to;
        get diagnostics changed = row_count;
        removed := removed + changed;
        update archive_file as f set removed_at = clock_timestamp() where f.archive_file_id = archived.archive_file_id;
    end loop;
    if wanted_family <> 'purchase' then
        insert into kept_from as k (family, first_key, kept_since, moved_at)
        values (wanted_family, wanted_to, since, clock_timestamp())
        on conflict (family) do update
        set
            first_key = greatest(k.first_key, excluded.first_key),
            kept_since = greatest(k.kept_since, excluded.kept_since),
            moved_at = excluded.moved_at;
    end if;
    return removed;
end
$$;
comment on function restock.remove_archived is
'Removes a range of rows that stands in verified files of the archive, and nothing else: raises'
' object_not_in_prerequisite_state where a row changed since or is needed again. Returns how many rows.';

create function restock.remove_withdrawals(since timestamptz) returns bigint
language plpgsql security definer
set search_path = restock, pg_temp
as $$
declare
    removed bigint;
begin
    if since > now() - interval '200 days' then
        raise exception 'Nothing that came in the last 200 days is removed.';
    end if;
    delete from cancellation as c where c.cancelled_at < since;
    get diagnostics removed = row_count;
    -- A day after the link in them has ended.
    delete from removed_message as m where m.created_at < now() - interval '731 days';
    -- What was being removed while its address was erased.
    delete from removed_message as m
    using erased_name as e
    where m.contact_hash = e.name_hash and m.created_at < e.erased_at and e.erased_at > now() - interval '10 days';
    -- Lines of the inbox go a week after they were loaded, without an archive: here it is said how far that has come.
    insert into kept_from as k (family, first_key, kept_since, moved_at)
    select 'inbox', i.inbox_id, i.received_at, clock_timestamp()
    from inbox as i
    order by i.inbox_id
    limit 1
    on conflict (family) do update
    set first_key = excluded.first_key, kept_since = excluded.kept_since, moved_at = excluded.moved_at
    where k.first_key < excluded.first_key;
    return removed;
end
$$;
comment on function restock.remove_withdrawals is
'Removes withdrawals from before a moment: they end what was asked before them, which ended long ago. How a request was'
' withdrawn stands in its outcome. Also ends what is known of removed messages after two years, and notes from where on'
' the inbox has lines. Returns how many withdrawals.';

create function restock.drop_partition(wanted text) returns boolean
language plpgsql security definer
set search_path = restock, pg_temp
set lock_timeout = '3s'
as $$
declare
    known record;
    is_used boolean;
begin
    select p.table_name, p.partition_name into known
    from partition as p
    inner join kept_from as k on p.drawn_for = k.family
    where p.partition_name = wanted and p.to_key <= k.first_key;
    if not found then
        return false;
    end if;
    -- No key below first_key is drawn again, so what is empty stays so.
    execute format('select exists (select 1 from %I)', wanted) into is_used;
    if is_used then
        return false;
    end if;
    execute format('alter table %I detach partition %I', known.table_name, wanted);
    execute format('drop table %I', wanted);
    return true;
end
$$;
comment on function restock.drop_partition is
'Drops a partition whose rows are all removed, which gives its room back at once. Returns whether it did. Waits three'
' seconds for a lock at most.';

revoke execute on function restock.remove_archived, restock.remove_withdrawals, restock.drop_partition from public;

-- What the summaries of the marts have to say of removed rows; restock.marts adds it to what is there.
create table restock.removed_funnel (like restock.mart_funnel including comments including indexes);
comment on table restock.removed_funnel is 'What removed rows count in restock.mart_funnel.';
create table restock.removed_episode (like restock.mart_episode including comments including indexes);
comment on table restock.removed_episode is 'What removed rows count in restock.mart_episode.';
create table restock.removed_demand (like restock.mart_demand including comments including indexes);
alter table restock.removed_demand
drop column waiting_requests,
drop column waiting_shoppers,
drop column waiting_units,
drop column oldest_requested_at,
drop column median_requested_at,
drop column measured_messages,
drop column conversion;
comment on table restock.removed_demand is 'What removed rows count in restock.mart_demand.';
create table restock.removed_delivery (like restock.mart_delivery including comments including indexes);
comment on table restock.removed_delivery is 'What removed rows count in restock.mart_delivery.';
create table restock.removed_effect (like restock.mart_effect including comments including indexes);
comment on table restock.removed_effect is 'What removed rows count in restock.mart_effect.';

create function restock.add_removed(summary text) returns void
language plpgsql
set search_path = restock, pg_temp
as $$
declare
    keys text;
    columns text;
    additions text;
begin
    select
        string_agg(quote_ident(a.attname), ', ') filter (where a.attnum = any(i.indkey)),
        string_agg(quote_ident(a.attname), ', ' order by a.attnum),
        string_agg(
            format(
                case when a.attname = 'busiest_minute_count' then '%1$I = greatest(m.%1$I, excluded.%1$I)'
                    else '%1$I = m.%1$I + excluded.%1$I'
                end,
                a.attname
            ),
            ', '
        ) filter (where a.attnum <> all(i.indkey))
    into keys, columns, additions
    from pg_attribute as a
    inner join pg_index as i on a.attrelid = i.indrelid and i.indisprimary
    where a.attrelid = to_regclass('removed_' || summary) and a.attnum > 0 and not a.attisdropped;
    execute format(
        'insert into %I as m (%s) select %s from %I on conflict (%s) do update set %s',
        'mart_' || summary, columns, columns, 'removed_' || summary, keys, additions
    );
end
$$;
comment on function restock.add_removed is
'Adds what removed rows count to a summary of the marts that was summed up of those that are there.';

create function restock.keep_difference(summary text) returns void
language plpgsql
set search_path = restock, pg_temp
as $$
declare
    keys text;
    columns text;
    differences text;
    additions text;
    same text;
begin
    select
        string_agg(quote_ident(a.attname), ', ') filter (where a.attnum = any(i.indkey)),
        string_agg(quote_ident(a.attname), ', ' order by a.attnum),
        string_agg(
            format(
                case when a.attnum = any(i.indkey) or a.attname = 'busiest_minute_count' then 'b.%1$I'
                    else 'b.%1$I - coalesce(a.%1$I, 0)'
                end,
                a.attname
            ),
            ', ' order by a.attnum
        ),
        string_agg(
            format(
                case when a.attname = 'busiest_minute_count' then '%1$I = greatest(r.%1$I, excluded.%1$I)'
                    else '%1$I = r.%1$I + excluded.%1$I'
                end,
                a.attname
            ),
            ', '
        ) filter (where a.attnum <> all(i.indkey)),
        string_agg(format('b.%1$I is not distinct from a.%1$I', a.attname), ' and ')
    into keys, columns, differences, additions, same
    from pg_attribute as a
    inner join pg_index as i on a.attrelid = i.indrelid and i.indisprimary
    where a.attrelid = to_regclass('removed_' || summary) and a.attnum > 0 and not a.attisdropped;
    execute format(
        'insert into %1$I as r (%2$s) select %3$s from %4$I as b left join %5$I as a using (%6$s) where not (%7$s)'
        ' on conflict (%6$s) do update set %8$s',
        'removed_' || summary, columns, differences, 'before_' || summary, 'mart_' || summary, keys, same, additions
    );
end
$$;
comment on function restock.keep_difference is
'Keeps what a summary of the marts has lost since it was copied into the temporary table before_<summary>.';

-- The numbers in the links of a message are those of its items: where some are gone, none is told.
create or replace function restock.message_item(message bigint)
returns table (item_number bigint, request_key bigint, store_id text, product_id text, dropped_at timestamptz)
language sql stable
set search_path = restock, pg_temp
as $$
    select
        row_number() over (order by d.scheduled_at, r.request_id),
        d.request_key,
        r.store_id,
        r.product_id,
        d.dropped_at
    from decision as d
    inner join request as r on d.request_key = r.request_key
    where
        d.notification_key = message
        and not exists (
            select 1
            from kept_from as k
            inner join notification as n on n.notification_key = message and n.status_at < k.kept_since
            where k.family = 'request' and n.status in ('sent', 'cancelled', 'dead')
        )
$$;

alter function restock.unsubscribe rename to unsubscribe_by_requests;
revoke execute on function restock.unsubscribe_by_requests from restock_intake;
comment on function restock.unsubscribe_by_requests is
'What restock.unsubscribe does where the requests of the message are there. Returns false where they are not.';

create function restock.unsubscribe(wanted uuid, wanted_scope text) returns boolean
language plpgsql security definer
set search_path = restock, pg_temp
as $$
begin
    -- Which products stood in a message some of whose requests are gone nobody knows any more.
    if wanted_scope = 'product' and not exists (
        select 1
        from notification as n
        cross join lateral message_item(n.notification_key) as i
        where n.notification_id = wanted
    ) then
        return false;
    end if;
    if unsubscribe_by_requests(wanted, wanted_scope) then
        return true;
    end if;
    insert into suppressed_hash (channel, contact_hash, store_id, reason, suppressed_at)
    select
        m.channel,
        m.contact_hash,
        case wanted_scope when 'store' then m.store_id end,
        'unsubscribe',
        clock_timestamp()
    from removed_message as m
    where m.notification_id = wanted
    on conflict (channel, contact_hash, store_id) do nothing;
    return exists (select 1 from removed_message as m where m.notification_id = wanted);
end
$$;
comment on function restock.unsubscribe is
'Stops messages like one message, on its channel: about its products (product), those of its store (store) or all'
' (everything). Returns false where there is no such message, or it is removed and its products are asked for. Doing it'
' again changes nothing.';
revoke execute on function restock.unsubscribe from public;
grant execute on function restock.unsubscribe to restock_intake;

create or replace function restock.show_message(wanted uuid)
returns table (locale text, item_number bigint, product_name text, url text, dropped boolean)
language sql stable security definer
set search_path = restock, pg_temp
as $$
    select n.locale, i.item_number, p.name, p.url, i.dropped_at is not null
    from notification as n
    left join lateral message_item(n.notification_key) as i on true
    left join product as p on i.store_id = p.store_id and i.product_id = p.product_id
    where n.notification_id = wanted
    union all
    select m.locale, null, null, null, false
    from removed_message as m
    where
        m.notification_id = wanted
        and not exists (select 1 from notification as n where n.notification_id = wanted)
    order by 2
$$;
comment on function restock.show_message is
'What pages show of one message: its language and its products. Of a removed one, one row without a product.';
