-- Purpose: what the roles restock_pipeline and restock_console may do, from nothing on: each the least that its code
--          needs. migrate() runs this at its end, as the owner. (restock_analyst and restock_intake have theirs since
--          versions 0001 and 0005.) What somebody else made in these schemas is theirs to grant.
revoke all on schema restock, mart, staging from restock_pipeline, restock_console;
grant usage on schema mart to restock_pipeline, restock_console, restock_analyst;
grant usage on schema restock to restock_pipeline, restock_console;

do $$
declare
    change text;
begin
    for change in
        with own as (
            select
                c.oid::regclass as name,
                n.nspname as place,
                case c.relkind when 'S' then 'sequence' else 'table' end as word,
                c.relkind in ('r', 'p') and not c.relispartition as is_written
            from pg_class as c
            inner join pg_namespace as n on c.relnamespace = n.oid and c.relowner = n.nspowner
            where n.nspname in ('restock', 'mart', 'staging') and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        ),

        changes (step, word) as (
            select 1, format('revoke all on %s %s from restock_pipeline, restock_console', own.word, own.name)
            from own
            union all
            select 1, format('revoke all on routine %s from restock_pipeline, restock_console', f.oid::regprocedure)
            from pg_proc as f
            inner join pg_namespace as n on f.pronamespace = n.oid and f.proowner = n.nspowner
            where n.nspname in ('restock', 'mart', 'staging')
            union all
            -- Everybody may read what has no address in it.
            select 2, format('grant select on %s to restock_pipeline, restock_console, restock_analyst', own.name)
            from own
            where own.place = 'mart' and own.word = 'table'
            union all
            -- The pipeline, which is the tasks of the DAGs, reads and writes the tables of the pipeline; what it may
            -- not, table by table, follows. So a table that a later version makes serves the tasks, and the tests ask
            -- for its line here. Partitions are written through their tables.
            select 2, format('grant select on %s to restock_pipeline', own.name)
            from own
            where own.place = 'restock' and own.word = 'table'
            union all
            select 2, format('grant insert, update, delete on %s to restock_pipeline', own.name)
            from own
            where own.place = 'restock' and own.is_written
            union all
            -- Keys are drawn beforehand where rows are copied in.
            select 2, format('grant usage on sequence %s to restock_pipeline', own.name)
            from own
            where own.place = 'restock' and own.word = 'sequence'
        )

        select c.word
        from changes as c
        order by c.step
    loop
        execute change;
    end loop;
    select
        format(
            'alter default privileges for role %s in schema restock grant select on tables to restock_pipeline',
            n.nspowner::regrole
        )
    into strict change
    from pg_namespace as n
    where n.nspname = 'restock';
    execute change;
end
$$;

-- ---------------------------------------------------------------------------------------------
-- The pipeline, beyond that
-- ---------------------------------------------------------------------------------------------

-- Each load makes a table of its own.
grant usage, create on schema staging to restock_pipeline;

-- Of the owner, and of functions that run with the owner's rights: keys, salts, limits, what shoppers do through links.
revoke all on restock.api_key, restock.mart_salt, restock.intake_limit from restock_pipeline;
revoke insert, update, delete on
restock.channel,
restock.click,
restock.erased_name,
restock.erasure,
restock.erasure_key,
restock.kept_from,
restock.key_growth,
restock.migration,
restock.partitioned_table,
restock.provider_code,
restock.removed_message,
restock.restore,
restock.storage_setting,
restock.store_suppression,
restock.unconfirmed_request
from restock_pipeline;
revoke insert, update on restock.idempotency_key, restock.intake_count, restock.link_visit from restock_pipeline;
revoke insert on restock.confirmation, restock.inbox_pending from restock_pipeline;
-- Only ever added to; what ends is written elsewhere.
revoke update, delete on
restock.cancellation,
restock.console_action,
restock.policy,
restock.purchase,
restock.request,
restock.suppression
from restock_pipeline;
revoke update on restock.inbox from restock_pipeline;
revoke update on restock.joined_request from restock_pipeline;
-- A request that joins another one may bring another address.
grant update (joined_contacts) on restock.request to restock_pipeline;
-- What somebody replays in the console is the pipeline's work, and how that went is added afterwards.
grant update (detail) on restock.console_action to restock_pipeline;
-- Gone by erasure and retention only.
revoke delete on
restock.availability,
restock.check_result,
restock.customer,
restock.delivery_attempt,
restock.episode,
restock.feed_file,
restock.figure,
restock.figure_mark,
restock.gate,
restock.heartbeat,
restock.inventory,
restock.mart_refresh,
restock.notification,
restock.product,
restock.rate_bucket,
restock.rejected_row,
restock.request_outcome,
restock.source_watermark,
restock.task_failure,
restock.watch
from restock_pipeline;
-- For the statistics right after a bulk of rows, and for the lock under which a policy is accepted.
grant maintain on -- noqa: PRS
restock.availability,
restock.candidate,
restock.customer,
restock.decision,
restock.delivery_attempt,
restock.inbox,
restock.inventory,
restock.notification,
restock.open_request,
restock.outbox,
restock.policy,
restock.product,
restock.purchase,
restock.request,
restock.request_outcome,
restock.suppression
to restock_pipeline;

-- Functions that not everybody may call.
grant execute on function
restock.hash_name,
restock.hash_contact,
restock.person_of,
restock.export_person,
restock.erase_person,
restock.make_partitions,
restock.remove_archived,
restock.remove_withdrawals,
restock.drop_partition
to restock_pipeline;

-- ---------------------------------------------------------------------------------------------
-- The console: the pages in the Airflow UI. No column that holds an address, and no text that may quote one
-- ---------------------------------------------------------------------------------------------

grant select on
restock.availability,
restock.breaker,
restock.channel,
restock.click,
restock.console_action,
restock.decision,
restock.decision_explained,
restock.episode,
restock.gate,
restock.holding_gate,
restock.mart_refresh,
restock.open_request,
restock.outbox,
restock.policy,
restock.product,
restock.provider_code,
restock.purchase,
restock.request_outcome,
restock.request_state
to restock_console;
grant select (
    request_key, request_id, user_id, store_id, product_id, channel, surface, quantity, requested_at
) on restock.request to restock_console;
grant select (request_id, request_key, surface, requested_at) on restock.joined_request to restock_console;
grant select (
    notification_key, notification_id, user_id, channel, store_id, timezone, due_at, status, status_at, attempt_count,
    created_at
) on restock.notification to restock_console;
grant select (
    notification_key, attempt_number, outcome, provider_code, started_at, finished_at
) on restock.delivery_attempt to restock_console;
grant select (feed_file_id, feed, path, header_text, origin, recorded_at) on restock.feed_file to restock_console;
grant select (
    rejected_row_id, feed_file_id, line_number, reason_code, detail, rejected_at, corrected_at, replayed_at
) on restock.rejected_row to restock_console;

-- Its health: what the latest look found, and how old things are.
grant select on restock.alert, restock.heartbeat, restock.watch to restock_console;
-- Each connection asks which version the warehouse is of.
grant select on restock.migration to restock_console;
grant select (status) on restock.feed_file to restock_console;
grant select (inbox_id, received_at) on restock.inbox to restock_console;
grant select (feed, inbox_id) on restock.inbox_pending to restock_console;

-- Its actions: release a gate, and let a provider be tried at once; each is written down.
grant insert (user_name, action, subject, detail, done_at) on restock.console_action to restock_console;
grant update (released_at, released_by) on restock.gate to restock_console;
grant update (probe_at) on restock.breaker to restock_console;
