-- Purpose: the inbox, through which requests, stock and suppressions arrive over HTTP.
-- Run by:  Alembic (0005_intake.py), inside one transaction.

-- ---------------------------------------------------------------------------------------------
-- Inbox
-- ---------------------------------------------------------------------------------------------

create table restock.inbox (
    inbox_id bigint generated always as identity primary key,
    feed text not null check (feed in ('requests', 'inventory', 'suppressions')),
    line text not null,
    client text not null,
    received_at timestamptz not null default now()
);
comment on table restock.inbox is
'One row of a feed that arrived over HTTP. Rows are only ever added; restock_ingest loads them as it loads a file.';
comment on column restock.inbox.inbox_id is 'Order of arrival; also the line number of the row in its load.';
comment on column restock.inbox.feed is 'Feed whose contract the row follows.';
comment on column restock.inbox.line is 'The row as one line of JSON, as in a .jsonl file of the feed.';
comment on column restock.inbox.client is 'Name of the API key that it came with.';
comment on column restock.inbox.received_at is 'When it was accepted.';

-- What to load is a queue of its own: a transaction that commits late must not be passed over, as it would be by
-- whoever remembers the highest id.
create table restock.inbox_pending (
    inbox_id bigint primary key,
    feed text not null
);
comment on table restock.inbox_pending is 'One row of the inbox that is not loaded yet.';
comment on column restock.inbox_pending.inbox_id is 'The row.';
comment on column restock.inbox_pending.feed is 'Its feed.';

-- Runs with the rights of its owner, so that who may only add to the inbox cannot touch the queue.
create function restock.queue_inbox() returns trigger
language plpgsql security definer
set search_path = restock, pg_temp
as $$
begin
    insert into restock.inbox_pending (inbox_id, feed)
    select inbox_id, feed from arrived;
    -- Only stock is worth waking the pipeline for at once; PostgreSQL merges equal notices of one transaction.
    if exists (select 1 from arrived where feed = 'inventory') then
        perform pg_notify('restock_inbox', 'inventory');
    end if;
    return null;
end
$$;
comment on function restock.queue_inbox() is 'Queues what was added to the inbox, and wakes restock_ingest for stock.';
create trigger inbox_queued
after insert on restock.inbox
referencing new table as arrived
for each statement execute function restock.queue_inbox();
