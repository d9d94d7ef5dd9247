-- Purpose: the roles restock_owner, restock_pipeline and restock_console. What each may do stands in
--          sql/roles/grants.sql, which migrate() runs at its end, so that it holds for tables made later, too.
-- Run by:  Alembic (0013_roles.py), inside one transaction.

-- Roles belong to the server, not the database: another warehouse on it may have made these already, and two may be
-- made at the same moment. Who may make roles may join those made by itself; a login that is not a member of
-- restock_owner goes on owning what it made.
do $$
declare
    role_name text;
begin
    foreach role_name in array array['restock_owner', 'restock_pipeline', 'restock_console'] loop
        begin
            execute format('create role %I nologin', role_name);
        exception
            when duplicate_object or unique_violation then null;
        end;
    end loop;
    if not pg_has_role(current_user, 'restock_owner', 'set') then
        begin
            execute format('grant restock_owner to %I', current_user);
        exception
            when insufficient_privilege then
                raise notice 'The role restock_owner is not ours, so % goes on owning this warehouse.', current_user;
        end;
    end if;
end
$$;

-- These change, or read, what the pipeline's role otherwise may not: it runs them with the rights of the owner.
alter function restock.person_of security definer;
alter function restock.export_person security definer;
alter function restock.erase_person security definer;
comment on function restock.queue_inbox() is
'Queues what was added to the inbox, and wakes restock_ingest for stock. Runs with the rights of the owner.';
revoke execute on function restock.queue_inbox from public;
comment on table restock.erasure_key is
'One row: the keys of the hashes that stand for erased names. Only the owner and the pipeline, which holds what arrives'
' against the hashes, may read it; losing it loses the suppressions of erased addresses.';
comment on table restock.inbox is
'One row of a feed that arrived over HTTP. Rows are only ever added, and emptied by an erasure; restock_ingest loads'
' them as it loads a file, and restock_maintenance removes them a week after.';
