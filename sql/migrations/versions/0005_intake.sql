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
    feed text not null,
    inbox_id bigint not null,
    request_id text,
    user_id text,
    primary key (feed, inbox_id)
);
create index inbox_pending_request on restock.inbox_pending (request_id) where request_id is not null;
create index inbox_pending_user on restock.inbox_pending (user_id) where user_id is not null;
comment on table restock.inbox_pending is 'One row of the inbox that is not loaded yet.';
comment on column restock.inbox_pending.inbox_id is 'The row.';
comment on column restock.inbox_pending.feed is 'Its feed.';
comment on column restock.inbox_pending.request_id is 'Id of the request that it is; null in other feeds.';
comment on column restock.inbox_pending.user_id is 'Shopper of the request that it is; null in other feeds.';

-- Runs with the rights of its owner, so that who may only add to the inbox cannot touch the queue.
create function restock.queue_inbox() returns trigger
language plpgsql security definer
set search_path = restock, pg_temp
as $$
begin
    -- Where a request stands is asked before it is loaded, too. A line that PostgreSQL could not take apart, such as
    -- one with an escaped NUL, is for the load to judge.
    insert into restock.inbox_pending (inbox_id, feed, request_id, user_id)
    select
        inbox_id,
        feed,
        case when readable then line::json ->> 'request_id' end,
        case when readable then line::json ->> 'user_id' end
    from (
        select
            inbox_id,
            feed,
            line,
            feed = 'requests' and position('\u' in line) = 0 and pg_input_is_valid(line, 'json') as readable
        from arrived
    ) as a;
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

-- ---------------------------------------------------------------------------------------------
-- Keys and limits
-- ---------------------------------------------------------------------------------------------

create table restock.api_key (
    api_key_id integer generated always as identity primary key,
    name text not null constraint api_key_name_key unique check (name ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
    kind text not null check (kind in ('surface', 'widget', 'operator')),
    key_hash bytea not null constraint api_key_hash_key unique check (length(key_hash) = 32),
    surface text check (surface in ('app', 'web', 'mobile_web', 'cart')),
    origins text[] not null default '{}',
    created_at timestamptz not null default now(),
    revoked_at timestamptz,
    constraint api_key_origins_of_widget check ((kind = 'widget') = (origins <> '{}'))
);
comment on table restock.api_key is 'One key of the intake service. The key itself is known only to who got it.';
comment on column restock.api_key.api_key_id is 'Surrogate key.';
comment on column restock.api_key.name is 'Who uses it; stands in restock.inbox.client.';
comment on column restock.api_key.kind is
'surface: a shop''s servers, all about requests; widget: published in a page, may only subscribe; operator: stock,'
' suppressions, export and erasure.';
comment on column restock.api_key.key_hash is 'SHA-256 of the key. Keys are random, so that this needs no salt.';
comment on column restock.api_key.surface is 'Surface of requests that name none.';
comment on column restock.api_key.origins is 'Web origins whose pages may use a widget key.';
comment on column restock.api_key.created_at is 'When it was made.';
comment on column restock.api_key.revoked_at is 'Since when it opens nothing any more.';

create table restock.intake_limit (
    scope text primary key check (scope in ('contact', 'client', 'product')),
    most integer not null check (most > 0),
    per_seconds integer not null check (per_seconds between 1 and 604800)
);
comment on table restock.intake_limit is 'How much may be asked with widget keys, which everybody can read in a page.';
comment on column restock.intake_limit.scope is
'What is counted: requests for one address to write to, from one client''s address, or for one product of a store.';
comment on column restock.intake_limit.most is 'Requests in one stretch of time at most.';
comment on column restock.intake_limit.per_seconds is 'Length of the stretch.';
insert into restock.intake_limit (scope, most, per_seconds)
values
('contact', 20, 3600),
('client', 60, 600),
('product', 1000, 60);

-- Unlogged: a crash forgets at most one stretch, and counting stays cheap.
create unlogged table restock.intake_count (
    scope text not null,
    subject bytea not null,
    began_at timestamptz not null,
    request_count integer not null,
    primary key (scope, subject, began_at)
) with (fillfactor = 50);
comment on table restock.intake_count is 'How often something was asked in one stretch of time, for intake_limit.';
comment on column restock.intake_count.scope is 'What is counted, as in intake_limit.';
comment on column restock.intake_count.subject is 'Keyed hash of the address, client or product.';
comment on column restock.intake_count.began_at is 'Start of the stretch.';
comment on column restock.intake_count.request_count is 'Requests, the refused ones too.';

create function restock.count_request(scopes text[], subjects bytea[])
returns table (scope text, wait_seconds integer)
language sql security definer
set search_path = restock, pg_temp
as $$
    with limited as (
        select
            l.scope,
            l.most,
            s.subject,
            date_bin(make_interval(secs => l.per_seconds), now(), timestamptz 'epoch') as began_at
        from intake_limit as l
        inner join unnest(scopes, subjects) as s (scope, subject) on l.scope = s.scope
    ),

    asker as (
        insert into intake_count as c (scope, subject, began_at, request_count)
        select l.scope, l.subject, l.began_at, 1
        from limited as l
        where l.scope = 'client'
        on conflict (scope, subject, began_at) do update
        set request_count = least(c.request_count, 1000000000) + 1
        returning c.scope, c.began_at, c.request_count
    ),

    -- Who asks too much counts for nothing else: or one client could use up a product, or an address, for everybody.
    asked as (
        insert into intake_count as c (scope, subject, began_at, request_count)
        select l.scope, l.subject, l.began_at, 1
        from limited as l
        where
            l.scope <> 'client'
            and not exists (
                select 1
                from asker as a
                inner join limited as m on a.scope = m.scope
                where a.request_count > m.most
            )
        -- Always in one order, so that no two wait for each other.
        order by l.scope
        on conflict (scope, subject, began_at) do update
        set request_count = least(c.request_count, 1000000000) + 1
        returning c.scope, c.began_at, c.request_count
    )

    select
        c.scope,
        greatest(1, ceil(extract(epoch from c.began_at - now()) + l.per_seconds))::integer
    from (
        select a.scope, a.began_at, a.request_count from asker as a
        union all
        select b.scope, b.began_at, b.request_count from asked as b
    ) as c
    inner join intake_limit as l on c.scope = l.scope
    where c.request_count > l.most
    order by 2 desc, 1
$$;
comment on function restock.count_request is
'Counts one request against the limits of these scopes. Returns those that it is over, and for how long.';

create function restock.find_api_key(hash bytea)
returns table (api_key_id integer, name text, kind text, surface text, origins text[])
language sql stable security definer
set search_path = restock, pg_temp
as $$
    select k.api_key_id, k.name, k.kind, k.surface, k.origins
    from api_key as k
    where k.key_hash = hash and k.revoked_at is null
$$;
comment on function restock.find_api_key is 'The key with this hash, unless it was revoked.';

create function restock.widget_origins() returns text[]
language sql stable security definer
set search_path = restock, pg_temp
as $$
    select coalesce(array_agg(distinct o.origin), '{}')
    from api_key as k
    cross join unnest(k.origins) as o (origin)
    where k.revoked_at is null
$$;
comment on function restock.widget_origins is 'Web origins that any widget key may be used from.';

create table restock.idempotency_key (
    api_key_id integer not null references restock.api_key,
    route text not null,
    idempotency_key text not null,
    body_hash bytea not null,
    answer jsonb not null,
    answered_at timestamptz not null default now(),
    primary key (api_key_id, route, idempotency_key)
);
create index idempotency_key_answered on restock.idempotency_key (answered_at);
comment on table restock.idempotency_key is
'The answer to one accepted call, for the same call that comes again. Kept for a day at least.';
comment on column restock.idempotency_key.api_key_id is 'Who called.';
comment on column restock.idempotency_key.route is 'What was called.';
comment on column restock.idempotency_key.idempotency_key is 'Idempotency-Key of the call.';
comment on column restock.idempotency_key.body_hash is 'SHA-256 of its body: another body is another call.';
comment on column restock.idempotency_key.answer is 'The answer.';
comment on column restock.idempotency_key.answered_at is 'When.';

-- ---------------------------------------------------------------------------------------------
-- What the intake service may read
-- ---------------------------------------------------------------------------------------------

-- A request moves from unconfirmed to the inbox to the warehouse, and is looked up in this order, so that it is found
-- wherever it goes meanwhile. What was found last is said.
create function restock.show_request(wanted text)
returns table (
    request_id text,
    user_id text,
    store_id text,
    product_id text,
    channel text,
    requested_at timestamptz,
    status text,
    reason text,
    since timestamptz,
    sentence text
)
language plpgsql security definer
set search_path = restock, pg_temp
as $$
#variable_conflict use_column
declare
    unconfirmed record;
    pending record;
    known record;
begin
    select u.line::json as line, u.created_at as since, 'confirmation_needed' as status, 'unconfirmed' as reason
    into unconfirmed
    from unconfirmed_request as u
    where u.request_id = wanted
    order by u.created_at
    limit 1;

    select i.line::json as line, i.received_at as since, 'accepted' as status, 'inbox' as reason
    into pending
    from inbox_pending as p
    inner join inbox as i on p.inbox_id = i.inbox_id
    where p.request_id = wanted and coalesce(i.line::json ->> 'action', 'subscribe') = 'subscribe'
    order by p.inbox_id
    limit 1;

    return query
    select
        wanted,
        r.user_id,
        r.store_id,
        r.product_id,
        r.channel,
        n.requested_at,
        s.status,
        s.reason,
        s.since,
        (
            select e.explanation
            from restock.decision_explained as e
            where e.request_id = wanted
            order by e.episode_id desc nulls first
            limit 1
        )
    from (
        select a.request_key, a.requested_at from request as a where a.request_id = wanted
        union all
        select b.request_key, b.requested_at from joined_request as b where b.request_id = wanted
        limit 1
    ) as n
    inner join request as r on n.request_key = r.request_key
    inner join request_state as s on s.request_id = wanted;
    if found then
        return;
    end if;

    known := case when pending.status is null then unconfirmed else pending end;
    if known.status is not null then
        return query
        select
            wanted,
            f.user_id,
            coalesce(f.store_id, 'main'),
            f.product_id,
            f.channel,
            f.requested_at,
            known.status,
            known.reason,
            known.since,
            concat(
                'asked on ',
                say_day(f.requested_at, coalesce(f.timezone, 'UTC'), f.requested_at),
                case known.status
                    when 'accepted' then '; accepted, and waits for the next load'
                    else '; waits until the shopper confirms it by the link that was sent'
                end
            )
        from json_to_record(known.line) as f (
            user_id text, store_id text, product_id text, channel text, requested_at timestamptz, timezone text
        );
    end if;
end
$$;
comment on function restock.show_request is 'Where one request stands, and the sentence that explains it.';

create function restock.list_requests(wanted_user text, before_time timestamptz, before_id text, most integer)
returns table (request_id text, requested_at timestamptz)
language plpgsql stable security definer
set search_path = restock, pg_temp
as $$
#variable_conflict use_column
begin
    return query
    select f.request_id, f.requested_at
    from (
        select r.request_id, r.requested_at
        from open_request as o
        inner join request as r on o.request_key = r.request_key
        where o.user_id = wanted_user
        union
        select p.request_id, (i.line::json ->> 'requested_at')::timestamptz
        from inbox_pending as p
        inner join inbox as i on p.inbox_id = i.inbox_id
        where p.user_id = wanted_user and coalesce(i.line::json ->> 'action', 'subscribe') = 'subscribe'
        union
        select u.request_id, (u.line::json ->> 'requested_at')::timestamptz
        from unconfirmed_request as u
        where u.user_id = wanted_user
    ) as f
    where before_time is null or (f.requested_at, f.request_id) < (before_time, before_id)
    order by f.requested_at desc, f.request_id desc
    limit most;
end
$$;
comment on function restock.list_requests is
'What one shopper waits for, the newest first, from a place in that order on.';

-- ---------------------------------------------------------------------------------------------
-- The ledger of what was loaded from the inbox
-- ---------------------------------------------------------------------------------------------

alter table restock.feed_file
drop constraint feed_file_origin_check,
add constraint feed_file_origin_check check (origin in ('file', 'source', 'replay', 'inbox'));
comment on column restock.feed_file.path is
'Path below the landing area; source/<connection>/<table>/<from>...<to>, replay/<run>/<path>#<first row> or'
' inbox/<feed>/<first row>-<last row> otherwise.';
comment on column restock.feed_file.origin is
'file: landed; source: read from a source database; replay: rejected rows, loaded again; inbox: rows that arrived over'
' HTTP.';

-- ---------------------------------------------------------------------------------------------
-- Roles
-- ---------------------------------------------------------------------------------------------

-- Roles belong to the server, as restock_analyst does.
do $$
begin
    create role restock_intake nologin;
exception
    when duplicate_object or unique_violation then null;
end
$$;
grant usage on schema restock to restock_intake;
grant insert (feed, line, client) on restock.inbox to restock_intake;
grant select, insert on restock.idempotency_key to restock_intake;
revoke execute on function restock.count_request from public;
revoke execute on function restock.find_api_key from public;
revoke execute on function restock.widget_origins from public;
revoke execute on function restock.show_request from public;
revoke execute on function restock.list_requests from public;
grant execute on function restock.count_request to restock_intake;
grant execute on function restock.find_api_key to restock_intake;
grant execute on function restock.widget_origins to restock_intake;
grant execute on function restock.show_request to restock_intake;
grant execute on function restock.list_requests to restock_intake;
