-- Purpose: erasure and export of what is known of one person.
-- Run by:  Alembic (0011_erasure.py), inside one transaction.

-- ---------------------------------------------------------------------------------------------
-- Keyed hashes: what stays of a name that is gone
-- ---------------------------------------------------------------------------------------------

-- Random keys, made here and nowhere else: with them alone a hash can be compared with a guess.
create table restock.erasure_key (
    only_one boolean primary key default true check (only_one),
    inner_key bytea not null check (length(inner_key) = 64),
    outer_key bytea not null check (length(outer_key) = 64)
);
comment on table restock.erasure_key is
'One row: the keys of the hashes that stand for erased names. Only the owner may read it; losing it loses the'
' suppressions of erased addresses.';
comment on column restock.erasure_key.only_one is 'Always true.';
comment on column restock.erasure_key.inner_key is 'Hashed first, as in HMAC.';
comment on column restock.erasure_key.outer_key is 'Hashed with the first hash, as in HMAC.';
insert into restock.erasure_key (inner_key, outer_key)
select
    string_agg(uuid_send(gen_random_uuid()), ''::bytea) filter (where number <= 4),
    string_agg(uuid_send(gen_random_uuid()), ''::bytea) filter (where number > 4)
from generate_series(1, 8) as n (number);

create function restock.hash_with(inner_key bytea, outer_key bytea, name text) returns bytea
language sql immutable parallel safe
return sha256(outer_key || sha256(inner_key || convert_to(name, 'UTF8')));
comment on function restock.hash_with is 'The hash of a name under two keys.';

create function restock.hash_name(name text) returns bytea
language sql stable
as $$
    select restock.hash_with(k.inner_key, k.outer_key, name)
    from restock.erasure_key as k
$$;
comment on function restock.hash_name is 'The hash of a name under the keys of this warehouse.';

create table restock.erased_name (
    name_hash bytea primary key check (length(name_hash) = 32),
    erased_at timestamptz not null
);
comment on table restock.erased_name is
'One name of a person who was erased: what came before erased_at and is delivered again is left out.';
comment on column restock.erased_name.name_hash is
'restock.hash_name of user:<user_id>, or of contact:<address in lower case>.';
comment on column restock.erased_name.erased_at is 'When it was erased last.';

create table restock.suppressed_hash (
    channel text not null,
    contact_hash bytea not null check (length(contact_hash) = 32),
    store_id text,
    reason text not null check (reason in ('unsubscribe', 'bounce', 'complaint')),
    suppressed_at timestamptz not null,
    constraint suppressed_hash_key unique nulls not distinct (channel, contact_hash, store_id)
);
comment on table restock.suppressed_hash is
'One erased address that must not be written to, should it come back. Read at each claim, as restock.suppression is.';
comment on column restock.suppressed_hash.channel is 'Channel.';
comment on column restock.suppressed_hash.contact_hash is 'restock.hash_name of contact:<address in lower case>.';
comment on column restock.suppressed_hash.store_id is 'Store; null for all.';
comment on column restock.suppressed_hash.reason is 'As in restock.suppression.';
comment on column restock.suppressed_hash.suppressed_at is 'Since when.';

create function restock.suppressed_before(wanted_channel text, address text)
returns table (store_id text, reason text)
language sql stable
as $$
    select
        h.store_id,
        h.reason
    from restock.erasure_key as k
    inner join restock.suppressed_hash as h
        on
            h.channel = wanted_channel
            and h.contact_hash = restock.hash_with(k.inner_key, k.outer_key, 'contact:' || lower(address))
$$;
comment on function restock.suppressed_before is
'What was suppressed of an address when it was erased: for one store, or (null) for all.';

create table restock.erasure (
    erasure_id uuid primary key default gen_random_uuid(),
    asked_hash bytea not null check (length(asked_hash) = 32),
    asked_by text not null,
    asked_at timestamptz not null,
    done_at timestamptz not null,
    shopper_count integer not null check (shopper_count >= 0),
    counts jsonb not null
);
comment on table restock.erasure is 'One erasure of one person, without a name of that person.';
comment on column restock.erasure.erasure_id is 'Id, also told to whoever asked.';
comment on column restock.erasure.asked_hash is 'restock.hash_name of the name that was given.';
comment on column restock.erasure.asked_by is 'The operator''s key, or the DAG run.';
comment on column restock.erasure.asked_at is 'When its transaction began.';
comment on column restock.erasure.done_at is 'When it was done.';
comment on column restock.erasure.shopper_count is 'How many user ids the person had here.';
comment on column restock.erasure.counts is 'Rows changed or removed, by table.';

comment on table restock.request is
'One request of one shopper for one product in one store. Rows are never updated, except that an erasure takes the'
' names out.';
comment on table restock.inbox is
'One row of a feed that arrived over HTTP. Rows are only ever added, and emptied by an erasure; restock_ingest loads'
' them as it loads a file.';

-- ---------------------------------------------------------------------------------------------
-- Who a person is
-- ---------------------------------------------------------------------------------------------

create function restock.address_uses(users text[], addresses text[]) returns table (user_id text, address text)
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
        from joined_request as j
        inner join request as r on j.request_key = r.request_key
        where j.contact is not null
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
comment on function restock.address_uses is
'Which shoppers use which addresses (as channel:address in lower case), as far as either is asked for. Reads all'
' requests and customers: few ask for it.';

create function restock.person_of(
    wanted_user text, wanted_channel text, wanted_contact text, out users text[], out addresses text[]
)
language plpgsql stable
set search_path = restock, pg_temp
as $$
declare
    -- So many shoppers are one person at most.
    most constant integer := 20;
    wanted_address constant text := wanted_channel || ':' || lower(wanted_contact);
    shared text[] := '{}';
    users_before text[];
    addresses_before text[];
    using_users text[];
    used_addresses text[];
begin
    if num_nonnulls(wanted_user, wanted_address) <> 1 or num_nonnulls(wanted_channel, wanted_contact) = 1 then
        raise exception 'Name the person by user_id, or else by channel and contact.'
        using errcode = 'invalid_parameter_value';
    end if;
    users := array_remove(array[wanted_user], null);
    addresses := array_remove(array[wanted_address], null);
    -- Who has the same address is the same person, as far as can be known: it is to be found nowhere afterwards.
    loop
        users_before := users;
        addresses_before := addresses;
        select coalesce(array_agg(a.user_id), '{}'), coalesce(array_agg(a.address), '{}')
        into using_users, used_addresses
        from address_uses(users, addresses) as a;
        shared := shared || array(
            select u.address from unnest(used_addresses) as u (address) group by u.address having count(*) > most
        );
        if wanted_address = any(shared) then
            raise exception 'More than % shoppers have this address, so it is no one person''s: name the user_id.', most
            using errcode = 'invalid_parameter_value';
        end if;
        addresses := array(
            select u.address
            from unnest(using_users, used_addresses) as u (user_id, address)
            where u.user_id = any(users_before) and u.address <> all(shared)
            union
            select a.address from unnest(addresses_before) as a (address) where a.address <> all(shared)
            order by 1
        );
        users := array(
            select u.user_id
            from unnest(using_users, used_addresses) as u (user_id, address)
            where u.address = any(addresses_before) and u.address <> all(shared)
            union
            select a.user_id from unnest(users_before) as a (user_id)
            order by 1
        );
        exit when users = users_before and addresses = addresses_before;
    end loop;
end
$$;
comment on function restock.person_of is
'The user ids and addresses (channel:address in lower case) of a person, who is named by one of them. Shoppers with a'
' common address are one person. An address that more than 20 have is no one person''s (a webhook of the shop''s own,'
' say) and leads no further.';

-- ---------------------------------------------------------------------------------------------
-- Finding a person in texts
-- ---------------------------------------------------------------------------------------------

create function restock.any_of(names text[]) returns text
language sql immutable
as $$
    select
        '('
        || string_agg(
            replace(
                regexp_replace(form.name, '([][(){}.*+?^$|\\/-])', '\\\1', 'g'),
                '@',
                '(@|%40|\\u0040)'
            ),
            '|'
        )
        || ')'
    from unnest(names) as n (name)
    cross join lateral (
        select n.name
        union
        select btrim(to_json(n.name)::text, '"')
    ) as form
$$;
comment on function restock.any_of is
'Regular expression for any of these names, as they are, as they stand in JSON, or with an encoded @; null for none.';

create function restock.address_pattern(users text[], addresses text[]) returns text
language sql immutable
as $$
    select '(?<![[:alnum:]._%+-])' || restock.any_of(array_agg(n.name)) || '(?![[:alnum:]_]|[.][[:alnum:]])'
    from (
        select substr(a.address, strpos(a.address, ':') + 1) as name
        from unnest(addresses) as a (address)
        union
        -- Some shops name shoppers by their addresses.
        select lower(u.user_id)
        from unnest(users) as u (user_id)
        where restock.is_address(u.user_id)
    ) as n
    -- What is shorter may be anything in a text.
    where length(n.name) >= 5
$$;
comment on function restock.address_pattern is
'Regular expression, without regard to case, for any of these addresses in a text, and not within a longer one; null'
' where none has five characters.';

create function restock.erase_in_json(document jsonb, words text, users text) returns jsonb
language sql immutable
as $$
    select case when pg_input_is_valid(e.text, 'jsonb') then e.text::jsonb else '{"erased": true}' end
    from (
        select
            regexp_replace(
                regexp_replace(document::text, coalesce(words, '$^'), 'erased', 'gi'),
                coalesce('"' || users || '"', '$^'),
                '"erased"',
                'g'
            ) as text
    ) as e
$$;
comment on function restock.erase_in_json is
'The document without what matches words anywhere, or users as a whole text; another one where it was a number.';

create function restock.names_user(line text, header_text text, users text[]) returns boolean
language sql immutable
as $$
    select
        coalesce(line ~ ('"user_id"\s*:\s*"?' || restock.any_of(users) || '"?\s*[,}]'), false)
        or coalesce(btrim(split_part(line, ',', h.place), ' "') = any(users), false)
        -- Where fields may hold commas, or are too few or many, any field may be the one.
        or coalesce(
            h.place is not null
            and (strpos(line, '"') > 0 or cardinality(string_to_array(line, ',')) <> h.width)
            and line ~ ('(^|,)\s*"?' || restock.any_of(users) || '"?\s*(,|$)'),
            false
        )
    from (
        select
            array_position(n.names, 'user_id') as place,
            cardinality(n.names) as width
        from (
            select string_to_array(translate(lower(header_text), ' "', ''), ',') as names
        ) as n
    ) as h
$$;
comment on function restock.names_user is
'Whether a line of a feed names one of these shoppers: as JSON, or below the header line of a CSV file.';

-- ---------------------------------------------------------------------------------------------
-- Erasure
-- ---------------------------------------------------------------------------------------------

create function restock.hold_person(users text[], addresses text[], confirmation_hashes bytea[]) returns void
language plpgsql
set search_path = restock, pg_temp
as $$
begin
    -- In the order of everybody else: products of the queue, then planning for these shoppers, then their messages.
    insert into plan_queue (store_id, product_id, plan_after)
    select distinct o.store_id, o.product_id, now()
    from open_request as o
    where o.user_id = any(users)
    order by o.store_id, o.product_id
    on conflict (store_id, product_id) do update
    set plan_after = least(plan_queue.plan_after, excluded.plan_after);

    -- 7370004: BUCKET_LOCK_CLASS of restock.schedule.plan.
    perform pg_advisory_xact_lock(7370004, b.bucket)
    from (
        select distinct hashtext(u.user_id) & 63 as bucket
        from unnest(users) as u (user_id)
        order by 1
    ) as b;

    perform
    from outbox as o
    inner join notification as n on o.notification_key = n.notification_key
    where n.user_id = any(users)
    order by o.notification_key
    for update of o;
    perform
    from confirmation as c
    where c.channel || ':' || lower(c.contact) = any(addresses) or c.contact_hash = any(confirmation_hashes)
    order by c.confirmation_key
    for update;
    if
        exists (
            select 1
            from outbox as o
            inner join notification as n on o.notification_key = n.notification_key
            where n.user_id = any(users) and o.lease_until is not null
        )
        or exists (
            select 1
            from confirmation as c
            where c.channel || ':' || lower(c.contact) = any(addresses) and c.lease_until > clock_timestamp()
        )
    then
        raise exception 'A message to this person is leaving at this moment: try again in a minute.'
        using errcode = 'lock_not_available';
    end if;

    perform
    from open_request as o
    where o.user_id = any(users)
    order by o.store_id, o.product_id, o.user_id, o.channel
    for update;
end
$$;
comment on function restock.hold_person is
'Keeps planning and sending away from a person until the transaction ends. Raises lock_not_available while a message'
' to the person is in the hands of a sender: what the provider answers would be written afterwards, with the address.';

create function restock.stop_person(users text[], clock timestamptz) returns jsonb
language plpgsql
set search_path = restock, pg_temp
as $$
declare
    ended bigint;
    cancelled bigint;
begin
    delete from candidate as k
    where k.bucket in (select hashtext(u) & 63 from unnest(users) as u) and k.user_id = any(users);

    insert into request_outcome (request_key, status, reason, closed_at)
    select o.request_key, 'cancelled', 'erased', clock
    from open_request as o
    where o.user_id = any(users)
    order by o.request_key
    on conflict (request_key) do nothing;
    get diagnostics ended = row_count;
    delete from open_request as o where o.user_id = any(users);

    with unsent as (
        delete from outbox as o
        using notification as n
        where o.notification_key = n.notification_key and n.user_id = any(users)
        returning o.notification_key
    ),

    dropped as (
        update decision as d
        set outcome = 'skipped', rule = 'cancelled', dropped_at = clock
        from unsent as u
        where d.notification_key = u.notification_key and d.dropped_at is null
    )

    update notification as n
    set status = 'cancelled', status_at = clock
    from unsent as u
    where n.notification_key = u.notification_key;
    get diagnostics cancelled = row_count;
    return jsonb_build_object('requests_ended', ended, 'messages_cancelled', cancelled);
end
$$;
comment on function restock.stop_person is
'Ends the open requests of a person (status cancelled, reason erased), and cancels the messages that have not left.';

create function restock.replace_user(users text[], stand_ins text[], addresses text[]) returns jsonb
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
    set request_id = i.new_id, user_id = u.stand_in, contact = null
    from unnest(old_ids, new_ids) as i (old_id, new_id), unnest(users, stand_ins) as u (user_id, stand_in)
    where r.request_key = any(keys) and r.request_id = i.old_id and r.user_id = u.user_id;
    get diagnostics changed = row_count;
    counts := counts || jsonb_build_object('request', changed);

    update joined_request as j
    set request_id = i.new_id, contact = null
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
comment on function restock.replace_user is
'Puts stand-ins in the place of user ids and request ids, and takes the contacts out. Figures go on counting one'
' shopper for each.';

create function restock.hash_suppressions(addresses text[]) returns bigint
language sql
set search_path = restock, pg_temp
as $$
    with gone as (
        delete from suppression as s
        where s.channel || ':' || s.contact = any(addresses)
        returning s.channel, s.contact, null as store_id, s.reason, s.suppressed_at
    ),

    gone_of_store as (
        delete from store_suppression as s
        where s.channel || ':' || s.contact = any(addresses)
        returning s.channel, s.contact, s.store_id, 'unsubscribe' as reason, s.suppressed_at
    ),

    -- What has arrived and is not loaded yet counts too.
    arriving as (
        select
            i.line::json ->> 'channel' as channel,
            lower(i.line::json ->> 'contact') as contact,
            null as store_id,
            i.line::json ->> 'reason' as reason,
            i.received_at as suppressed_at
        from inbox_pending as p
        inner join inbox as i on p.inbox_id = i.inbox_id
        where p.feed = 'suppressions' and pg_input_is_valid(i.line, 'json')
    ),

    hashed as (
        insert into suppressed_hash (channel, contact_hash, store_id, reason, suppressed_at)
        select distinct on (a.channel, a.contact, a.store_id)
            a.channel, hash_name('contact:' || a.contact), a.store_id, a.reason, a.suppressed_at
        from (
            select * from gone
            union all
            select * from gone_of_store
            union all
            select *
            from arriving
            where channel || ':' || contact = any(addresses) and reason in ('unsubscribe', 'bounce', 'complaint')
        ) as a
        order by a.channel, a.contact, a.store_id, a.suppressed_at
        on conflict (channel, contact_hash, store_id) do nothing
    )

    select (select count(*) from gone) + (select count(*) from gone_of_store)
$$;
comment on function restock.hash_suppressions is
'Keeps of the suppressions of these addresses a keyed hash, and nothing else.';

create function restock.erase_lines(users text[], addresses text[], erasure uuid, clock timestamptz) returns jsonb
language plpgsql
set search_path = restock, pg_temp
as $$
declare
    pattern text := address_pattern(users, addresses);
    -- Cheap, and true of few: what it finds is looked at more closely.
    any_user text := any_of(users);
    inbox_lines bigint;
    rejected_ids bigint[];
begin
    with theirs as (
        update inbox as i
        set line = '{}'
        where i.line ~* pattern or (i.line ~ any_user and names_user(i.line, null, users))
        returning i.inbox_id, i.feed
    ),

    dequeued as (
        delete from inbox_pending as p
        using theirs as t
        where p.feed = t.feed and p.inbox_id = t.inbox_id
    )

    select count(*) into inbox_lines from theirs;

    select coalesce(array_agg(r.rejected_row_id), '{}')
    into rejected_ids
    from rejected_row as r
    inner join feed_file as f on r.feed_file_id = f.feed_file_id
    where
        concat_ws(chr(10), r.raw_text, r.corrected_text, r.detail) ~* pattern
        or (
            f.feed in ('requests', 'customers', 'orders')
            and concat_ws(chr(10), r.raw_text, r.corrected_text) ~ any_user
            and (
                names_user(r.raw_text, f.header_text, users)
                or coalesce(names_user(r.corrected_text, f.header_text, users), false)
            )
        );

    -- Those that wait to be replayed are settled as a replay that found them out of date.
    with settled as (
        insert into feed_file (
            feed, path, byte_size, modified_at, content_hash, status, read_count, stale_count, origin, recorded_at
        )
        select
            f.feed,
            concat('replay/erased/', erasure, '/', f.feed),
            0,
            clock,
            concat('erased ', erasure, ' ', f.feed),
            'loaded',
            count(*),
            count(*),
            'replay',
            clock
        from rejected_row as r
        inner join feed_file as f on r.feed_file_id = f.feed_file_id
        where r.rejected_row_id = any(rejected_ids) and r.replayed_at is null
        group by f.feed
        returning feed_file_id, feed
    )

    update rejected_row as r
    set replayed_at = clock, replay_file_id = s.feed_file_id
    from settled as s, feed_file as f
    where
        r.rejected_row_id = any(rejected_ids)
        and r.replayed_at is null
        and r.feed_file_id = f.feed_file_id
        and f.feed = s.feed;
    update rejected_row as r
    set
        raw_text = '(erased)',
        corrected_text = case when r.corrected_text is not null then '(erased)' end,
        detail = regexp_replace(r.detail, coalesce(pattern, '$^'), '(erased)', 'gi')
    where r.rejected_row_id = any(rejected_ids);
    return jsonb_build_object('inbox', inbox_lines, 'rejected_row', cardinality(rejected_ids));
end
$$;
comment on function restock.erase_lines is
'Empties the lines of the inbox and the rejected rows that name a person. What waited to be loaded waits no more.';

create function restock.erase_words(users text[], addresses text[]) returns jsonb
language plpgsql
set search_path = restock, pg_temp
as $$
declare
    words text := address_pattern(users, addresses);
    -- A short user_id may be anything in a text; as a whole value of JSON it is meant.
    pattern text := nullif(concat_ws('|', words, '"' || any_of(users) || '"'), '');
    counts jsonb := '{}';
    changed bigint;
begin
    update console_action as a
    set
        subject = regexp_replace(a.subject, coalesce(words, '$^'), 'erased', 'gi'),
        detail = erase_in_json(a.detail, words, any_of(users))
    where concat_ws(' ', a.subject, a.detail::text) ~* pattern;
    get diagnostics changed = row_count;
    counts := counts || jsonb_build_object('console_action', changed);

    update idempotency_key as k
    set
        idempotency_key = case
            when k.idempotency_key ~* pattern then concat('erased-', gen_random_uuid()) else k.idempotency_key
        end,
        answer = erase_in_json(k.answer, words, null)
    where concat_ws(' ', k.idempotency_key, k.answer::text) ~* words;
    get diagnostics changed = row_count;
    counts := counts || jsonb_build_object('idempotency_key', changed);

    update feed_file as f
    set
        reason = regexp_replace(f.reason, words, '(erased)', 'gi'),
        header_text = regexp_replace(f.header_text, words, '(erased)', 'gi'),
        unknown_columns = array(
            select regexp_replace(c.name, words, '(erased)', 'gi') from unnest(f.unknown_columns) as c (name)
        )
    where concat_ws(' ', f.reason, f.header_text, array_to_string(f.unknown_columns, ' ')) ~* words;
    get diagnostics changed = row_count;
    counts := counts || jsonb_build_object('feed_file', changed);

    update breaker as b set reason = regexp_replace(b.reason, words, '(erased)', 'gi') where b.reason ~* words;
    get diagnostics changed = row_count;
    counts := counts || jsonb_build_object('breaker', changed);
    return counts;
end
$$;
comment on function restock.erase_words is
'Takes addresses out of texts that say what went wrong or what somebody did.';

create function restock.erase_person(
    wanted_user text, wanted_channel text, wanted_contact text, asked_by text, confirmation_hashes bytea[]
) returns jsonb
language plpgsql
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

    counts := counts || jsonb_build_object('suppression', hash_suppressions(person.addresses));
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
'Erases one person: contacts go, figures stay, suppressions stay as keyed hashes. confirmation_hashes are the hashes'
' of the person''s addresses in restock.confirmation, whose key PostgreSQL does not know. Again, it finds nothing.';

-- ---------------------------------------------------------------------------------------------
-- Addresses that come back
-- ---------------------------------------------------------------------------------------------

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
            where s.channel = wanted_channel and s.contact = lower(address) and s.reason = 'unsubscribe'
        )
        or exists (
            select 1
            from store_suppression as s
            where s.channel = wanted_channel and s.contact = lower(address) and s.store_id = wanted_store
        )
        or exists (
            select 1
            from suppressed_before(wanted_channel, address) as h
            where h.reason = 'unsubscribe' and (h.store_id is null or h.store_id = wanted_store)
        )
$$;

create or replace function restock.confirm(wanted uuid) returns boolean
language plpgsql security definer
set search_path = restock, pg_temp
as $$
declare
    known confirmation;
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
    where s.channel = known.channel and s.contact = lower(known.contact) and s.reason = 'unsubscribe';
    delete from store_suppression as s
    where s.channel = known.channel and s.contact = lower(known.contact) and s.store_id = known.store_id;
    delete from suppressed_hash as h
    where
        h.channel = known.channel
        and h.contact_hash = hash_name('contact:' || lower(known.contact))
        and h.reason = 'unsubscribe'
        and (h.store_id is null or h.store_id = known.store_id);
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

-- ---------------------------------------------------------------------------------------------
-- Export
-- ---------------------------------------------------------------------------------------------

create function restock.export_requests(users text[]) returns table (part text, item jsonb)
language sql stable
set search_path = restock, pg_temp
as $$
    select 'customer', to_jsonb(c) - 'feed_file_id'
    from customer as c
    where c.user_id = any(users)
    union all
    select 'requests', (to_jsonb(r) - array['request_key', 'feed_file_id']) || jsonb_build_object(
        'status', s.status, 'reason', s.reason, 'since', s.since
    )
    from request as r
    left join lateral (
        select w.status, w.reason, w.since from request_state as w where w.request_id = r.request_id limit 1
    ) as s on true
    where r.user_id = any(users)
    union all
    select 'joined_requests', (to_jsonb(j) - array['request_key', 'feed_file_id']) || jsonb_build_object(
        'joins', r.request_id
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
comment on function restock.export_requests is 'What a person asked for and bought, by part of the export.';

create function restock.export_messages(users text[]) returns table (part text, item jsonb)
language sql stable
set search_path = restock, pg_temp
as $$
    with message as (
        select n.* from notification as n where n.user_id = any(users)
    )

    select 'messages', jsonb_build_object(
        'notification_id', n.notification_id,
        'channel', n.channel,
        'store_id', n.store_id,
        'locale', n.locale,
        'timezone', n.timezone,
        'due_at', n.due_at,
        'status', n.status,
        'status_at', n.status_at,
        'attempt_count', n.attempt_count,
        'last_error', n.last_error,
        'created_at', n.created_at
    )
    from message as n
    union all
    select 'decisions', jsonb_build_object(
        'request_id', r.request_id,
        'notification_id', n.notification_id,
        'outcome', d.outcome,
        'rule', d.rule,
        'position', d.position,
        'decided_at', d.decided_at,
        'dropped_at', d.dropped_at
    )
    from request as r
    inner join decision as d on r.request_key = d.request_key
    left join notification as n on d.notification_key = n.notification_key
    where r.user_id = any(users)
    union all
    select 'attempts', (to_jsonb(a) - array['notification_key', 'sender']) || jsonb_build_object(
        'notification_id', n.notification_id
    )
    from message as n
    inner join delivery_attempt as a on n.notification_key = a.notification_key
    union all
    select 'clicks', (to_jsonb(c) - array['notification_key', 'click_id']) || jsonb_build_object(
        'notification_id', n.notification_id
    )
    from message as n
    inner join click as c on n.notification_key = c.notification_key
$$;
comment on function restock.export_messages is 'What was sent to a person, and how that went, by part of the export.';

create function restock.export_addresses(users text[], addresses text[]) returns table (part text, item jsonb)
language sql stable
set search_path = restock, pg_temp
as $$
    select 'suppressions', to_jsonb(s)
    from suppression as s
    where s.channel || ':' || s.contact = any(addresses)
    union all
    select 'store_suppressions', to_jsonb(s)
    from store_suppression as s
    where s.channel || ':' || s.contact = any(addresses)
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
comment on function restock.export_addresses is
'What is kept of a person''s addresses, and the lines that name the person as they came, by part of the export.';

create function restock.export_person(wanted_user text, wanted_channel text, wanted_contact text)
returns table (part text, item jsonb)
language sql stable
set search_path = restock, pg_temp
as $$
    with person as materialized (
        select p.users, p.addresses
        from person_of(wanted_user, wanted_channel, wanted_contact) as p
    )

    select e.part, e.item
    from person as p
    cross join lateral (
        select 'addresses' as part, to_jsonb(a) as item
        from unnest(p.addresses) as a
        union all
        select * from export_requests(p.users)
        union all
        select * from export_messages(p.users)
        union all
        select * from export_addresses(p.users, p.addresses)
    ) as e
$$;
comment on function restock.export_person is
'Everything that is known of one person, a row for each item, in the order of the parts of the export.';

-- ---------------------------------------------------------------------------------------------
-- For the intake service: only with an operator's key, so that its login alone opens nothing
-- ---------------------------------------------------------------------------------------------

create function restock.require_operator(key_hash bytea) returns text
language plpgsql stable
set search_path = restock, pg_temp
as $$
declare
    operator text;
begin
    select k.name into operator from find_api_key(key_hash) as k where k.kind = 'operator';
    if operator is null then
        raise exception 'This takes the key of an operator.' using errcode = 'insufficient_privilege';
    end if;
    return operator;
end
$$;
comment on function restock.require_operator is
'The name of the operator''s key with this hash. Raises insufficient_privilege where there is none in force.';

create function restock.person_for_operator(
    key_hash bytea, wanted_user text, wanted_channel text, wanted_contact text
) returns setof text
language plpgsql stable security definer
set search_path = restock, pg_temp
as $$
begin
    perform require_operator(key_hash);
    return query
    select a.address
    from person_of(wanted_user, wanted_channel, wanted_contact) as p
    cross join lateral unnest(p.addresses) as a (address);
end
$$;
comment on function restock.person_for_operator is 'The addresses of a person, for who has an operator''s key.';

create function restock.export_for_operator(
    key_hash bytea, wanted_user text, wanted_channel text, wanted_contact text
) returns table (part text, item jsonb)
language plpgsql stable security definer
set search_path = restock, pg_temp
as $$
begin
    perform require_operator(key_hash);
    return query
    select e.part, e.item
    from export_person(wanted_user, wanted_channel, wanted_contact) as e;
end
$$;
comment on function restock.export_for_operator is 'restock.export_person, for who has an operator''s key.';

create function restock.erase_for_operator(
    key_hash bytea, wanted_user text, wanted_channel text, wanted_contact text, confirmation_hashes bytea[]
) returns jsonb
language plpgsql security definer
set search_path = restock, pg_temp
as $$
begin
    return erase_person(
        wanted_user, wanted_channel, wanted_contact, 'key ' || require_operator(key_hash), confirmation_hashes
    );
end
$$;
comment on function restock.erase_for_operator is 'restock.erase_person, for who has an operator''s key.';

-- Functions may be called by everybody unless it is taken from them; tables may not.
revoke execute on function
restock.hash_name,
restock.suppressed_before,
restock.address_uses,
restock.person_of,
restock.hold_person,
restock.stop_person,
restock.replace_user,
restock.hash_suppressions,
restock.erase_lines,
restock.erase_words,
restock.erase_person,
restock.export_requests,
restock.export_messages,
restock.export_addresses,
restock.export_person,
restock.require_operator,
restock.person_for_operator,
restock.export_for_operator,
restock.erase_for_operator
from public;
grant execute on function
restock.person_for_operator,
restock.export_for_operator,
restock.erase_for_operator
to restock_intake;
