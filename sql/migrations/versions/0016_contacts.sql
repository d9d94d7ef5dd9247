-- Purpose: addresses stay in two tables, customer and request. What only has to know an address again, whether it must
--          not be written to, keeps a keyed hash of it; what is short-lived reads it there.
-- Run by:  Alembic (0016_contacts.py), inside one transaction.

-- ---------------------------------------------------------------------------------------------
-- The hash of an address
-- ---------------------------------------------------------------------------------------------

comment on table restock.erasure_key is
'One row: the keys of the hashes that stand for addresses that must not be written to, and for erased names. Only the'
' owner and the pipeline, which compares addresses with them, may read it; losing it loses all suppressions.';

-- stable, as convert_to is: what says less of itself than its body is called instead of written out, at twice the cost.
create or replace function restock.hash_with(inner_key bytea, outer_key bytea, name text) returns bytea
language sql stable parallel safe
return sha256(outer_key || sha256(inner_key || convert_to(name, 'UTF8')));

create function restock.hash_contact_with(inner_key bytea, outer_key bytea, address text) returns bytea
language sql stable parallel safe
return restock.hash_with(inner_key, outer_key, 'contact:' || lower(address));
comment on function restock.hash_contact_with is
'The hash of an address under two keys, the same however it is capitalised; null for none. For statements that hash'
' many and read restock.erasure_key once.';

create function restock.hash_contact(address text) returns bytea
language sql stable
as $$
    select restock.hash_contact_with(k.inner_key, k.outer_key, address)
    from restock.erasure_key as k
$$;
comment on function restock.hash_contact is
'The hash of an address under the keys of this warehouse: what restock.suppression and others know it by.';

-- ---------------------------------------------------------------------------------------------
-- Suppressions
-- ---------------------------------------------------------------------------------------------

-- New tables instead of changed ones: what an old one held would stay in its file until something wrote over it.
create temporary table old_suppression on commit drop as
select
    s.channel,
    restock.hash_contact_with(k.inner_key, k.outer_key, s.contact) as contact_hash,
    null::text as store_id,
    s.reason,
    s.suppressed_at
from restock.suppression as s
cross join restock.erasure_key as k
union all
select
    s.channel,
    restock.hash_contact_with(k.inner_key, k.outer_key, s.contact),
    s.store_id,
    'unsubscribe',
    s.suppressed_at
from restock.store_suppression as s
cross join restock.erasure_key as k
union all
select
    h.channel,
    h.contact_hash,
    h.store_id,
    h.reason,
    h.suppressed_at
from restock.suppressed_hash as h;

drop table restock.suppression;
drop table restock.store_suppression;
drop table restock.suppressed_hash;

create table restock.suppression (
    channel text not null,
    contact_hash bytea not null check (length(contact_hash) = 32),
    reason text not null check (reason in ('unsubscribe', 'bounce', 'complaint')),
    suppressed_at timestamptz not null default now(),
    primary key (channel, contact_hash)
);
comment on table restock.suppression is
'One address that must not be written to on one channel, whatever the store; store_suppression has those of one store.'
' What it is nobody can read here; restock.hash_contact says under what it stands.';
comment on column restock.suppression.channel is 'Channel.';
comment on column restock.suppression.contact_hash is 'restock.hash_contact of the address.';
comment on column restock.suppression.reason is 'unsubscribe, bounce or complaint.';
comment on column restock.suppression.suppressed_at is 'Since when.';

create table restock.store_suppression (
    channel text not null,
    contact_hash bytea not null check (length(contact_hash) = 32),
    store_id text not null,
    suppressed_at timestamptz not null default now(),
    primary key (channel, contact_hash, store_id)
);
comment on table restock.store_suppression is
'One address that must not be written to on one channel about the products of one store; its owner unsubscribed.';
comment on column restock.store_suppression.channel is 'Channel.';
comment on column restock.store_suppression.contact_hash is 'restock.hash_contact of the address.';
comment on column restock.store_suppression.store_id is 'Store.';
comment on column restock.store_suppression.suppressed_at is 'Since when.';

-- Of an address that is there twice what holds longer stays: its owner ends an unsubscribing by asking again.
insert into restock.suppression (channel, contact_hash, reason, suppressed_at)
select distinct on (o.channel, o.contact_hash)
    o.channel,
    o.contact_hash,
    o.reason,
    o.suppressed_at
from old_suppression as o
where o.store_id is null
order by o.channel, o.contact_hash, o.reason = 'unsubscribe', o.suppressed_at;
insert into restock.store_suppression (channel, contact_hash, store_id, suppressed_at)
select
    o.channel,
    o.contact_hash,
    o.store_id,
    min(o.suppressed_at)
from old_suppression as o
where o.store_id is not null
group by o.channel, o.contact_hash, o.store_id
order by o.channel, o.contact_hash, o.store_id;

-- ---------------------------------------------------------------------------------------------
-- Requests that joined another one, and places in a queue
-- ---------------------------------------------------------------------------------------------

alter table restock.request add column joined_contacts jsonb;
comment on column restock.request.joined_contacts is
'Addresses given with the requests that joined this one, by their request_id, where they are not its own; null in it'
' for one that came without any. Needed should this one be withdrawn: each then stands alone again.';
comment on table restock.request is
'One request of one shopper for one product in one store. Rows are never updated, except that the addresses of requests'
' that join are noted, and that an erasure takes the names out.';
update restock.request as r
set joined_contacts = n.contacts
from (
    select
        j.request_key,
        jsonb_object_agg(j.request_id, j.contact) as contacts
    from restock.joined_request as j
    inner join restock.request as q on j.request_key = q.request_key
    where j.contact is distinct from q.contact
    group by j.request_key
) as n
where r.request_key = n.request_key;

create function restock.joined_contact(led_by restock.request, joined_id text) returns text
language sql immutable parallel safe
return case
    when (led_by).joined_contacts ? joined_id then (led_by).joined_contacts ->> joined_id
    else (led_by).contact
end;
comment on function restock.joined_contact is
'The address given with a request that joined another one; null where none was.';

-- Written anew: what a column held that is dropped stays in the file otherwise.
alter table restock.joined_request drop column contact;
cluster restock.joined_request using joined_request_pkey;
alter table restock.joined_request set without cluster;
alter table restock.candidate drop column contact;
cluster restock.candidate using candidate_bucket;
alter table restock.candidate set without cluster;

comment on column restock.rejected_row.raw_text is
'The row as it came; bytes that are not UTF-8 and NUL are escaped. (replayed) a week after a replay, (erased) after an'
' erasure.';
comment on column restock.rejected_row.corrected_text is
'The row as somebody put it right, in the format of its file; a replay reads it in place of raw_text. It goes as that'
' does.';

-- ---------------------------------------------------------------------------------------------
-- Links of messages, and confirmations
-- ---------------------------------------------------------------------------------------------

create or replace function restock.unsubscribe_by_requests(wanted uuid, wanted_scope text) returns boolean
language plpgsql security definer
set search_path = restock, pg_temp
as $$
declare
    message record;
    moment timestamptz := clock_timestamp();
begin
    if wanted_scope not in ('product', 'store', 'everything') then
        raise exception 'The scope must be product, store or everything.' using errcode = 'invalid_parameter_value';
    end if;
    select
        n.notification_key,
        n.user_id,
        n.channel,
        n.store_id,
        n.status,
        lower(address_for(n.channel, r.contact, c.email, c.phone, c.webhook_url)) as contact
    into message
    from notification as n
    inner join request as r on n.opening_request_key = r.request_key
    left join customer as c on n.user_id = c.user_id
    where n.notification_id = wanted;
    if not found then
        return false;
    end if;

    if wanted_scope = 'everything' then
        insert into suppression (channel, contact_hash, reason, suppressed_at)
        select message.channel, hash_contact(message.contact), 'unsubscribe', moment
        where message.contact is not null
        on conflict (channel, contact_hash) do nothing;
    elsif wanted_scope = 'store' then
        insert into store_suppression (channel, contact_hash, store_id, suppressed_at)
        select message.channel, hash_contact(message.contact), message.store_id, moment
        where message.contact is not null
        on conflict (channel, contact_hash, store_id) do nothing;
    else
        -- Also what was asked for before now and is loaded later ends, as with a cancellation of the feed.
        insert into cancellation (request_id, user_id, store_id, product_id, channel, cancelled_at)
        select r.request_id, message.user_id, i.store_id, i.product_id, message.channel, moment
        from message_item(message.notification_key) as i
        inner join request as r on i.request_key = r.request_key
        where
            -- What fell out before it was sent did not stand in it, and is still waited for.
            (i.dropped_at is null or message.status <> 'sent')
            and not exists (
                select 1
                from cancellation as k
                where
                    k.store_id = i.store_id
                    and k.product_id = i.product_id
                    and k.user_id = message.user_id
                    and k.channel = message.channel
                    and k.request_id = r.request_id
                    and k.cancelled_at > moment - interval '1 minute'
            )
        order by i.store_id, i.product_id;
    end if;

    -- The requests end now, and not only when they would be answered: who asks anew later gets that and no more.
    with ending as (
        select o.request_key
        from open_request as o
        inner join request as r on o.request_key = r.request_key
        left join customer as c on o.user_id = c.user_id
        where
            o.user_id = message.user_id
            and o.channel = message.channel
            and (wanted_scope = 'everything' or o.store_id = message.store_id)
            and case wanted_scope
                when 'product' then exists (
                    select 1
                    from message_item(message.notification_key) as i
                    where
                        i.store_id = o.store_id
                        and i.product_id = o.product_id
                        and (i.dropped_at is null or message.status <> 'sent')
                )
                else
                    lower(address_for(o.channel, r.contact, c.email, c.phone, c.webhook_url)) = message.contact
            end
    ),

    ended as (
        insert into request_outcome (request_key, status, reason, closed_at)
        select e.request_key, s.status, s.status, moment
        from ending as e
        cross join (
            select case wanted_scope when 'product' then 'cancelled' else 'suppressed' end
        ) as s (status)
        order by e.request_key
        on conflict (request_key) do nothing
        returning request_outcome.request_key
    )

    delete from open_request as o
    using ended as e, request as r
    where
        r.request_key = e.request_key
        and o.store_id = r.store_id
        and o.product_id = r.product_id
        and o.user_id = r.user_id
        and o.channel = r.channel
        and o.request_key = e.request_key;
    return true;
end
$$;

create or replace function restock.unsubscribe(wanted uuid, wanted_scope text) returns boolean
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
    if wanted_scope = 'store' then
        insert into store_suppression (channel, contact_hash, store_id, suppressed_at)
        select m.channel, m.contact_hash, m.store_id, clock_timestamp()
        from removed_message as m
        where m.notification_id = wanted
        on conflict (channel, contact_hash, store_id) do nothing;
    else
        insert into suppression (channel, contact_hash, reason, suppressed_at)
        select m.channel, m.contact_hash, 'unsubscribe', clock_timestamp()
        from removed_message as m
        where m.notification_id = wanted
        on conflict (channel, contact_hash) do nothing;
    end if;
    return exists (select 1 from removed_message as m where m.notification_id = wanted);
end
$$;

create or replace function restock.has_unsubscribed(
    wanted_channel text, address text, wanted_store text
) returns boolean
language sql stable
set search_path = restock, pg_temp
as $$
    select
        exists (
            select 1
            from suppression as s
            where
                s.channel = wanted_channel
                and s.contact_hash = hash_contact(address)
                and s.reason = 'unsubscribe'
        )
        or exists (
            select 1
            from store_suppression as s
            where
                s.channel = wanted_channel
                and s.contact_hash = hash_contact(address)
                and s.store_id = wanted_store
        )
$$;

create or replace function restock.confirm(wanted uuid) returns boolean
language plpgsql security definer
set search_path = restock, pg_temp
as $$
declare
    known confirmation;
    address_hash bytea;
    moment timestamptz := clock_timestamp();
begin
    select c.* into known
    from confirmation as c
    where c.confirmation_id = wanted and c.expires_at > moment
    for update;
    if not found then
        return false;
    end if;
    if known.status = 'confirmed' then
        return true;
    end if;
    address_hash := hash_contact(known.contact);
    with confirmed as (
        delete from unconfirmed_request as u
        where u.confirmation_key = known.confirmation_key
        returning u.line, u.client, u.created_at, u.request_id
    )

    insert into inbox (feed, line, client)
    select 'requests', c.line, c.client
    from confirmed as c
    order by c.created_at, c.request_id;
    -- Who once stopped all messages and now asks for one again wants that. Bounces and complaints stay.
    delete from suppression as s
    where s.channel = known.channel and s.contact_hash = address_hash and s.reason = 'unsubscribe';
    delete from store_suppression as s
    where s.channel = known.channel and s.contact_hash = address_hash and s.store_id = known.store_id;
    update confirmation as c
    set
        status = 'confirmed',
        contact = null,
        confirmed_at = moment,
        expires_at = moment + interval '365 days',
        lease_until = null,
        leased_by = null
    where c.confirmation_key = known.confirmation_key;
    return true;
end
$$;

drop function restock.suppressed_before;

-- ---------------------------------------------------------------------------------------------
-- Erasure and export
-- ---------------------------------------------------------------------------------------------

create or replace function restock.address_uses(
    users text[], addresses text[]
) returns table (user_id text, address text)
language sql stable
set search_path = restock, pg_temp
as $$
    with used as (
        select c.user_id, a.channel || ':' || lower(a.contact) as address
        from customer as c
        cross join lateral (
            values ('email', c.email), ('sms', c.phone), ('webhook', c.webhook_url)
        ) as a (channel, contact)
        where a.contact is not null
        union all
        select r.user_id, r.channel || ':' || lower(r.contact)
        from request as r
        where r.contact is not null
        union all
        select r.user_id, r.channel || ':' || lower(j.contact)
        from request as r
        cross join lateral jsonb_each_text(r.joined_contacts) as j (request_id, contact)
        where r.joined_contacts is not null
        union all
        select u.user_id, coalesce(u.line::json ->> 'channel', 'email') || ':' || lower(u.line::json ->> 'contact')
        from unconfirmed_request as u
        union all
        select p.user_id, coalesce(i.line::json ->> 'channel', 'email') || ':' || lower(i.line::json ->> 'contact')
        from inbox_pending as p
        inner join inbox as i on p.inbox_id = i.inbox_id
        where p.user_id is not null
    )

    select distinct u.user_id, u.address
    from used as u
    where u.address is not null and (u.user_id = any(users) or u.address = any(addresses))
$$;

create function restock.keep_arriving_suppressions(addresses text[]) returns bigint
language sql
set search_path = restock, pg_temp
as $$
    with arriving as (
        select
            i.line::json ->> 'channel' as channel,
            lower(i.line::json ->> 'contact') as contact,
            i.line::json ->> 'reason' as reason,
            i.received_at as suppressed_at
        from inbox_pending as p
        inner join inbox as i on p.inbox_id = i.inbox_id
        where p.feed = 'suppressions' and pg_input_is_valid(i.line, 'json')
    ),

    kept as (
        insert into suppression (channel, contact_hash, reason, suppressed_at)
        select distinct on (a.channel, a.contact)
            a.channel, hash_contact(a.contact), a.reason, a.suppressed_at
        from arriving as a
        where
            a.channel || ':' || a.contact = any(addresses)
            and a.reason in ('unsubscribe', 'bounce', 'complaint')
        order by a.channel, a.contact, a.suppressed_at
        on conflict (channel, contact_hash) do nothing
        returning 1
    )

    select count(*) from kept
$$;
comment on function restock.keep_arriving_suppressions is
'Keeps the suppressions of these addresses that have arrived and are not loaded yet: their lines are about to be'
' emptied. Those that were loaded have no address to erase.';
drop function restock.hash_suppressions;

create or replace function restock.replace_user(users text[], stand_ins text[], addresses text[]) returns jsonb
language plpgsql
set search_path = restock, pg_temp
as $$
declare
    keys bigint[] := array(select r.request_key from request as r where r.user_id = any(users));
    old_ids text[];
    new_ids text[];
    counts jsonb := '{}';
    changed bigint;
    words text := address_pattern(users, addresses);
begin
    -- The numbers in links of messages go by the order of the ids, so the new ones keep it.
    select
        array_agg(n.id order by n.id),
        array_agg(concat(stand_ins[1], '-', to_char(n.place, 'FM000000')) order by n.id)
    into old_ids, new_ids
    from (
        select i.id, row_number() over (order by i.id) as place
        from (
            select r.request_id as id from request as r where r.request_key = any(keys)
            union
            select j.request_id from joined_request as j where j.request_key = any(keys)
            union
            select c.request_id from cancellation as c where c.user_id = any(users)
        ) as i
    ) as n;

    update request as r
    set request_id = i.new_id, user_id = u.stand_in, contact = null, joined_contacts = null
    from unnest(old_ids, new_ids) as i (old_id, new_id), unnest(users, stand_ins) as u (user_id, stand_in)
    where r.request_key = any(keys) and r.request_id = i.old_id and r.user_id = u.user_id;
    get diagnostics changed = row_count;
    counts := counts || jsonb_build_object('request', changed);

    update joined_request as j
    set request_id = i.new_id
    from unnest(old_ids, new_ids) as i (old_id, new_id)
    where j.request_key = any(keys) and j.request_id = i.old_id;
    get diagnostics changed = row_count;
    counts := counts || jsonb_build_object('joined_request', changed);

    update cancellation as c
    set request_id = i.new_id, user_id = u.stand_in
    from unnest(old_ids, new_ids) as i (old_id, new_id), unnest(users, stand_ins) as u (user_id, stand_in)
    where c.request_id = i.old_id and c.user_id = u.user_id;
    get diagnostics changed = row_count;
    counts := counts || jsonb_build_object('cancellation', changed);

    update customer as c
    set user_id = u.stand_in, email = null, phone = null, webhook_url = null
    from unnest(users, stand_ins) as u (user_id, stand_in)
    where c.user_id = u.user_id;
    get diagnostics changed = row_count;
    counts := counts || jsonb_build_object('customer', changed);

    update purchase as p
    set
        user_id = o.stand_in,
        order_id = case when o.names_person then concat(o.stand_in, '-', o.place) else p.order_id end
    from (
        select
            b.order_id,
            b.user_id,
            u.stand_in,
            b.order_id ~* words or strpos(b.order_id, b.user_id) > 0 as names_person,
            dense_rank() over (order by b.order_id) as place
        from purchase as b
        inner join unnest(users, stand_ins) as u (user_id, stand_in) on b.user_id = u.user_id
    ) as o
    where p.user_id = o.user_id and p.order_id = o.order_id;
    get diagnostics changed = row_count;
    counts := counts || jsonb_build_object('purchase', changed);

    update decision as d
    set seen_address = null
    where d.request_key = any(keys) and d.seen_address is not null;
    get diagnostics changed = row_count;
    counts := counts || jsonb_build_object('decision', changed);

    -- Providers quote addresses in any form: of their answers only the codes stay.
    update delivery_attempt as a
    set provider_message = null
    from notification as n
    where
        a.notification_key = n.notification_key
        and n.user_id = any(users)
        and a.provider_message is not null;
    get diagnostics changed = row_count;
    counts := counts || jsonb_build_object('delivery_attempt', changed);

    update notification as n
    set
        user_id = u.stand_in,
        last_error = case
            when n.last_error is not null
                then coalesce(
                    (
                        select a.provider_code
                        from delivery_attempt as a
                        where a.notification_key = n.notification_key
                        order by a.attempt_number desc
                        limit 1
                    ),
                    'erased'
                )
        end
    from unnest(users, stand_ins) as u (user_id, stand_in)
    where n.user_id = u.user_id;
    get diagnostics changed = row_count;
    return counts || jsonb_build_object('notification', changed);
end
$$;

create or replace function restock.erase_person(
    wanted_user text, wanted_channel text, wanted_contact text, asked_by text, confirmation_hashes bytea[]
) returns jsonb
language plpgsql security definer
set search_path = restock, pg_temp
as $$
declare
    clock timestamptz := clock_timestamp();
    erasure uuid := gen_random_uuid();
    person record;
    stand_ins text[];
    counts jsonb;
    changed bigint;
begin
    -- No load runs meanwhile (sql/ingest/hold_erasures.sql): it could be about to write what is erased here.
    perform pg_advisory_xact_lock(7370011, 0);
    select p.users, p.addresses into strict person
    from person_of(wanted_user, wanted_channel, wanted_contact) as p;
    stand_ins := array(select concat('erased-', gen_random_uuid()) from unnest(person.users));
    perform hold_person(person.users, person.addresses, confirmation_hashes);
    counts := stop_person(person.users, clock);

    delete from unconfirmed_request as u
    where
        u.user_id = any(person.users)
        or concat(coalesce(u.line::json ->> 'channel', 'email'), ':', lower(u.line::json ->> 'contact'))
        = any(person.addresses);
    get diagnostics changed = row_count;
    counts := counts || jsonb_build_object('unconfirmed_request', changed);
    delete from confirmation as c
    where c.channel || ':' || lower(c.contact) = any(person.addresses) or c.contact_hash = any(confirmation_hashes);
    get diagnostics changed = row_count;
    counts := counts || jsonb_build_object('confirmation', changed);

    counts := counts || jsonb_build_object('suppression', keep_arriving_suppressions(person.addresses));
    counts := counts || erase_lines(person.users, person.addresses, erasure, clock);
    counts := counts || replace_user(person.users, stand_ins, person.addresses);
    counts := counts || erase_words(person.users, person.addresses);

    insert into erased_name as e (name_hash, erased_at)
    select hash_name('user:' || u.user_id), clock
    from unnest(person.users) as u (user_id)
    union
    select hash_name('contact:' || substr(a.address, strpos(a.address, ':') + 1)), clock
    from unnest(person.addresses) as a (address)
    on conflict (name_hash) do update set erased_at = excluded.erased_at;

    insert into restock.erasure (erasure_id, asked_hash, asked_by, asked_at, done_at, shopper_count, counts)
    values (
        erasure,
        hash_name(coalesce('user:' || wanted_user, 'contact:' || lower(wanted_contact))),
        asked_by,
        now(),
        clock_timestamp(),
        cardinality(person.users),
        counts
    );
    return jsonb_build_object(
        'erasure_id', erasure, 'shoppers', cardinality(person.users), 'counts', counts
    );
end
$$;

comment on function restock.erase_person is
'Erases one person: contacts go, figures and suppressions, which hold no address, stay. confirmation_hashes are the'
' hashes of the person''s addresses in restock.confirmation, whose key PostgreSQL does not know. Again, it finds'
' nothing.';

create or replace function restock.export_requests(users text[]) returns table (part text, item jsonb)
language sql stable
set search_path = restock, pg_temp
as $$
    select 'customer', to_jsonb(c) - 'feed_file_id'
    from customer as c
    where c.user_id = any(users)
    union all
    select 'requests', (to_jsonb(r) - array['request_key', 'feed_file_id', 'joined_contacts']) || jsonb_build_object(
        'status', s.status, 'reason', s.reason, 'since', s.since
    )
    from request as r
    left join lateral (
        select w.status, w.reason, w.since from request_state as w where w.request_id = r.request_id limit 1
    ) as s on true
    where r.user_id = any(users)
    union all
    select 'joined_requests', (to_jsonb(j) - array['request_key', 'feed_file_id']) || jsonb_build_object(
        'joins', r.request_id, 'contact', joined_contact(r, j.request_id)
    )
    from request as r
    inner join joined_request as j on r.request_key = j.request_key
    where r.user_id = any(users)
    union all
    select 'cancellations', to_jsonb(c) - 'feed_file_id'
    from cancellation as c
    where c.user_id = any(users)
    union all
    select 'purchases', to_jsonb(p) - 'feed_file_id'
    from purchase as p
    where p.user_id = any(users)
$$;

create or replace function restock.export_addresses(
    users text[], addresses text[]
) returns table (part text, item jsonb)
language sql stable
set search_path = restock, pg_temp
as $$
    with named as (
        select
            split_part(a.address, ':', 1) as channel,
            substr(a.address, strpos(a.address, ':') + 1) as contact,
            hash_contact(substr(a.address, strpos(a.address, ':') + 1)) as contact_hash
        from unnest(addresses) as a (address)
    )

    select 'suppressions', to_jsonb(s) - 'contact_hash' || jsonb_build_object('contact', n.contact)
    from named as n
    inner join suppression as s on n.channel = s.channel and n.contact_hash = s.contact_hash
    union all
    select 'store_suppressions', to_jsonb(s) - 'contact_hash' || jsonb_build_object('contact', n.contact)
    from named as n
    inner join store_suppression as s on n.channel = s.channel and n.contact_hash = s.contact_hash
    union all
    select 'confirmations', to_jsonb(c) - array[
        'confirmation_key', 'confirmation_id', 'contact_hash', 'lease_until', 'leased_by'
    ]
    from confirmation as c
    where c.channel || ':' || lower(c.contact) = any(addresses)
    union all
    select 'unconfirmed_requests', u.line::jsonb || jsonb_build_object('created_at', u.created_at)
    from unconfirmed_request as u
    where
        u.user_id = any(users)
        or concat(coalesce(u.line::json ->> 'channel', 'email'), ':', lower(u.line::json ->> 'contact'))
        = any(addresses)
    union all
    select 'received_lines', jsonb_build_object('feed', i.feed, 'line', i.line, 'received_at', i.received_at)
    from inbox as i
    where
        i.line ~* address_pattern(users, addresses)
        or (i.line ~ any_of(users) and names_user(i.line, null, users))
    union all
    select 'rejected_rows', jsonb_build_object(
        'feed', f.feed,
        'raw_text', r.raw_text,
        'corrected_text', r.corrected_text,
        'detail', r.detail,
        'rejected_at', r.rejected_at
    )
    from rejected_row as r
    inner join feed_file as f on r.feed_file_id = f.feed_file_id
    where
        concat_ws(chr(10), r.raw_text, r.corrected_text, r.detail) ~* address_pattern(users, addresses)
        or (
            f.feed in ('requests', 'customers', 'orders')
            and r.raw_text ~ any_of(users)
            and names_user(r.raw_text, f.header_text, users)
        )
$$;

revoke execute on function
restock.hash_contact,
restock.keep_arriving_suppressions
from public;
