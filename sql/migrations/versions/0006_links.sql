-- Purpose: what shoppers do through the links of messages: click, unsubscribe, confirm.
-- Run by:  Alembic (0006_links.py), inside one transaction.

create table restock.click (
    click_id bigint generated always as identity primary key,
    notification_key bigint not null references restock.notification,
    store_id text not null,
    product_id text not null,
    clicked_at timestamptz not null default now()
);
create index click_notification on restock.click (notification_key);
comment on table restock.click is 'One visit of a shopper through the link of a product in a message.';
comment on column restock.click.click_id is 'Order of arrival.';
comment on column restock.click.notification_key is 'The message.';
comment on column restock.click.store_id is 'Store of the product.';
comment on column restock.click.product_id is 'The product whose page was opened.';
comment on column restock.click.clicked_at is 'When. Link scanners and HEAD requests are not counted.';

-- What scanners do is told from what people do by what was opened shortly before.
create table restock.link_visit (
    notification_key bigint not null,
    link smallint not null check (link >= 0),
    visited_at timestamptz not null,
    primary key (notification_key, link)
) with (fillfactor = 80);
comment on table restock.link_visit is
'When one link of one message was opened last, by what may be a person. Kept for a day.';
comment on column restock.link_visit.notification_key is 'The message.';
comment on column restock.link_visit.link is 'Number of the item, or 0 for the link that stops messages.';
comment on column restock.link_visit.visited_at is 'When.';

create function restock.message_item(message bigint)
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
    where d.notification_key = message
$$;
comment on function restock.message_item is
'The items of one message, also those that fell out of it, with the numbers that its links name them by.';

create function restock.show_message(wanted uuid)
returns table (locale text, item_number bigint, product_name text, url text, dropped boolean)
language sql stable security definer
set search_path = restock, pg_temp
as $$
    select n.locale, i.item_number, p.name, p.url, i.dropped_at is not null
    from notification as n
    left join lateral message_item(n.notification_key) as i on true
    left join product as p on i.store_id = p.store_id and i.product_id = p.product_id
    where n.notification_id = wanted
    order by i.item_number
$$;
comment on function restock.show_message is 'What pages show of one message: its language and its products.';

create function restock.record_visit(wanted uuid, wanted_link integer) returns void
language plpgsql security definer
set search_path = restock, pg_temp
as $$
declare
    message bigint;
    moment timestamptz;
begin
    select n.notification_key into message from notification as n where n.notification_id = wanted;
    if not found then
        return;
    end if;
    -- One at a time for a message: links that are opened side by side must see each other.
    perform pg_advisory_xact_lock(7370006, hashint8(message));
    moment := clock_timestamp();
    insert into link_visit as v (notification_key, link, visited_at)
    values (message, wanted_link, moment)
    on conflict (notification_key, link) do update set visited_at = excluded.visited_at;
    -- Nobody opens two links within a second; what does is a scanner, and the first one was it too.
    if exists (
        select 1
        from link_visit as v
        where v.notification_key = message and v.link <> wanted_link and v.visited_at > moment - interval '1 second'
    ) then
        delete from click as c where c.notification_key = message and c.clicked_at > moment - interval '1 second';
        return;
    end if;
    insert into click (notification_key, store_id, product_id, clicked_at)
    select message, i.store_id, i.product_id, moment
    from message_item(message) as i
    where
        i.item_number = wanted_link
        -- A second click within a minute is the first one again.
        and not exists (
            select 1
            from click as c
            where
                c.notification_key = message
                and c.store_id = i.store_id
                and c.product_id = i.product_id
                and c.clicked_at > moment - interval '1 minute'
        );
end
$$;
comment on function restock.record_visit is
'Counts one visit through a link as a click, unless it is one of several that no person makes.';

-- ---------------------------------------------------------------------------------------------
-- Unsubscribing
-- ---------------------------------------------------------------------------------------------

create table restock.store_suppression (
    channel text not null,
    contact text not null,
    store_id text not null,
    suppressed_at timestamptz not null default now(),
    primary key (channel, contact, store_id)
);
comment on table restock.store_suppression is
'One address that must not be written to on one channel about the products of one store; its owner unsubscribed.';
comment on column restock.store_suppression.channel is 'Channel.';
comment on column restock.store_suppression.contact is 'Address in lower case.';
comment on column restock.store_suppression.store_id is 'Store.';
comment on column restock.store_suppression.suppressed_at is 'Since when.';
comment on table restock.suppression is
'One address that must not be written to on one channel, whatever the store; store_suppression has those of one store.';

create function restock.unsubscribe(wanted uuid, wanted_scope text) returns boolean
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
        insert into suppression (channel, contact, reason, suppressed_at)
        select message.channel, message.contact, 'unsubscribe', moment
        where message.contact is not null
        on conflict (channel, contact) do nothing;
    elsif wanted_scope = 'store' then
        insert into store_suppression (channel, contact, store_id, suppressed_at)
        select message.channel, message.contact, message.store_id, moment
        where message.contact is not null
        on conflict (channel, contact, store_id) do nothing;
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
comment on function restock.unsubscribe is
'Stops messages like one message, on its channel: about its products (product), those of its store (store) or all'
' (everything). Returns false where there is no such message. Doing it again changes nothing.';

-- ---------------------------------------------------------------------------------------------
-- Double opt-in: addresses that are asked whether a request is theirs
-- ---------------------------------------------------------------------------------------------

create function restock.double_opt_in(wanted_store text) returns boolean
language sql stable security definer
set search_path = restock, pg_temp
as $$
    select coalesce(
        (
            select coalesce(
                p.settings #>> array['overrides', 'store', wanted_store, 'double_opt_in'],
                p.settings ->> 'double_opt_in'
            )::boolean
            from policy as p
            order by p.policy_id desc
            limit 1
        ),
        false
    )
$$;
comment on function restock.double_opt_in is
'Whether the policy in force wants addresses that come with requests for a store confirmed.';

create table restock.confirmation (
    confirmation_key bigint generated always as identity primary key,
    confirmation_id uuid not null default gen_random_uuid() constraint confirmation_id_key unique,
    channel text not null,
    contact_hash bytea not null check (length(contact_hash) = 16),
    store_id text not null,
    contact text,
    locale text,
    status text not null default 'waiting' check (status in ('waiting', 'sent', 'confirmed', 'refused')),
    asked_at timestamptz not null,
    expires_at timestamptz not null,
    due_at timestamptz not null,
    lease_until timestamptz,
    leased_by text,
    attempt_count smallint not null default 0,
    last_error text,
    sent_count smallint not null default 0,
    sent_at timestamptz,
    confirmed_at timestamptz,
    constraint confirmation_address_key unique (channel, contact_hash, store_id),
    constraint confirmation_contact_until_confirmed check ((contact is null) = (status = 'confirmed'))
) with (fillfactor = 70);
create index confirmation_due on restock.confirmation (channel, due_at) where status = 'waiting';
comment on table restock.confirmation is
'One address that is asked, or confirmed, that requests in one store are its own. Gone once expired.';
comment on column restock.confirmation.confirmation_key is 'Surrogate key.';
comment on column restock.confirmation.confirmation_id is 'Stands in the link; another one once this expired.';
comment on column restock.confirmation.channel is 'Channel.';
comment on column restock.confirmation.contact_hash is 'Keyed hash of channel and address.';
comment on column restock.confirmation.store_id is 'Store.';
comment on column restock.confirmation.contact is 'The address; gone once it is confirmed.';
comment on column restock.confirmation.locale is 'Language of the message.';
comment on column restock.confirmation.status is
'waiting (the message has still to leave), sent, confirmed, refused (it will not leave: see last_error).';
comment on column restock.confirmation.asked_at is 'When the message was asked for last; the time in its link.';
comment on column restock.confirmation.expires_at is
'Until when it can be confirmed; once confirmed, until when the address counts as confirmed.';
comment on column restock.confirmation.due_at is 'When to send; later after a failed attempt.';
comment on column restock.confirmation.lease_until is 'A task is sending it and has until then to say how that ended.';
comment on column restock.confirmation.leased_by is 'The sender that holds the lease.';
comment on column restock.confirmation.attempt_count is 'Attempts to send since it was asked for last.';
comment on column restock.confirmation.last_error is 'What the provider said last, if it refused.';
comment on column restock.confirmation.sent_count is 'How often it was sent.';
comment on column restock.confirmation.sent_at is 'When it was sent last.';
comment on column restock.confirmation.confirmed_at is 'When the shopper confirmed.';

create table restock.unconfirmed_request (
    request_id text not null,
    confirmation_key bigint not null references restock.confirmation on delete cascade,
    user_id text not null,
    product_id text not null,
    line text not null,
    client text not null,
    created_at timestamptz not null default now(),
    -- An id that comes again for something else is kept as well, to be rejected with a reason when it is loaded.
    primary key (request_id, user_id, product_id, confirmation_key)
);
create index unconfirmed_request_confirmation on restock.unconfirmed_request (confirmation_key);
create index unconfirmed_request_user on restock.unconfirmed_request (user_id);
comment on table restock.unconfirmed_request is
'One request over HTTP that enters the inbox once its address is confirmed. Gone with its confirmation.';
comment on column restock.unconfirmed_request.request_id is 'Id of the request.';
comment on column restock.unconfirmed_request.confirmation_key is 'What has to be confirmed.';
comment on column restock.unconfirmed_request.user_id is 'Shopper.';
comment on column restock.unconfirmed_request.product_id is 'Product.';
comment on column restock.unconfirmed_request.line is 'The row for the inbox, as one line of JSON.';
comment on column restock.unconfirmed_request.client is 'Name of the API key that it came with.';
comment on column restock.unconfirmed_request.created_at is 'When it was accepted.';

create function restock.has_unsubscribed(wanted_channel text, address text, wanted_store text) returns boolean
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
$$;
comment on function restock.has_unsubscribed is
'Whether the owner of an address stopped messages of a store, or all of them.';

-- The answer to who asks must not depend on what is found here.
create function restock.keep_unconfirmed(hash bytea, client text, line text) returns void
language plpgsql security definer
set search_path = restock, pg_temp
as $$
declare
    wish json := line::json;
    address text := wish ->> 'contact';
    store text := coalesce(wish ->> 'store_id', 'main');
    moment timestamptz := clock_timestamp();
    life interval := interval '7 days';
    known confirmation;
    sendings integer;
    last_sent timestamptz;
    earliest timestamptz;
begin
    -- Requests for one address that come at once in several stores must see each other.
    perform pg_advisory_xact_lock(7370005, hashtext(encode(hash, 'hex')));
    insert into confirmation (channel, contact_hash, store_id, contact, locale, asked_at, expires_at, due_at)
    values (wish ->> 'channel', hash, store, address, wish ->> 'locale', moment, moment + life, moment)
    -- Changes nothing, and holds the row, if it is there.
    on conflict (channel, contact_hash, store_id) do update set store_id = excluded.store_id
    returning confirmation.* into known;

    if known.expires_at > moment
        and known.status = 'confirmed'
        and not has_unsubscribed(known.channel, address, store)
    then
        insert into inbox (feed, line, client) values ('requests', keep_unconfirmed.line, keep_unconfirmed.client);
        return;
    end if;

    if known.expires_at <= moment or known.status = 'confirmed' then
        delete from unconfirmed_request as u where u.confirmation_key = known.confirmation_key;
        update confirmation as c
        set
            confirmation_id = gen_random_uuid(),
            contact = address,
            locale = wish ->> 'locale',
            status = 'waiting',
            asked_at = moment,
            expires_at = moment + life,
            due_at = moment,
            attempt_count = 0,
            last_error = null,
            sent_count = 0,
            sent_at = null,
            confirmed_at = null
        where c.confirmation_key = known.confirmation_key
        returning c.* into known;
    end if;

    insert into unconfirmed_request (request_id, confirmation_key, user_id, product_id, line, client)
    values (
        wish ->> 'request_id',
        known.confirmation_key,
        wish ->> 'user_id',
        wish ->> 'product_id',
        keep_unconfirmed.line,
        keep_unconfirmed.client
    )
    on conflict do nothing;

    -- Whoever types in a stranger's address must not flood it: after the first message the next may leave after an hour
    -- at the earliest, then after four, sixteen …, whatever the store. What is asked meanwhile waits for the same click.
    -- What another store has still to send counts as sent when it is due.
    select coalesce(sum(c.sent_count + c.is_next::integer), 0), max(case when c.is_next then c.due_at else c.sent_at end)
    into sendings, last_sent
    from (
        select
            k.*,
            k.status = 'waiting' and k.confirmation_key <> known.confirmation_key as is_next
        from confirmation as k
    ) as c
    where c.channel = known.channel and c.contact_hash = hash and c.expires_at > moment and c.status <> 'confirmed';
    earliest := greatest(
        last_sent + interval '1 hour' * power(4, least(sendings, 6) - 1),
        case known.status when 'refused' then known.due_at + interval '1 hour' end
    );
    if known.status in ('sent', 'refused') and earliest <= moment then
        update confirmation as c
        set status = 'waiting', asked_at = moment, expires_at = moment + life, due_at = moment, attempt_count = 0
        where c.confirmation_key = known.confirmation_key;
    elsif known.status = 'waiting' and known.asked_at = moment and earliest > known.due_at then
        update confirmation as c
        set due_at = earliest
        where c.confirmation_key = known.confirmation_key;
    end if;
end
$$;
comment on function restock.keep_unconfirmed is
'Keeps one request over HTTP until its address is confirmed, and asks the address, unless it was asked a short while'
' ago. The request of an address that is confirmed already goes into the inbox.';

create function restock.show_confirmation(wanted uuid)
returns table (locale text, status text, product_name text)
language sql stable security definer
set search_path = restock, pg_temp
as $$
    select distinct c.locale, c.status, p.name
    from confirmation as c
    left join unconfirmed_request as u on c.confirmation_key = u.confirmation_key
    left join product as p on c.store_id = p.store_id and u.product_id = p.product_id
    where c.confirmation_id = wanted and c.expires_at > now()
    order by p.name
$$;
comment on function restock.show_confirmation is
'What the page of a confirmation shows: its language, where it stands, and the products, as far as they are known.';

create function restock.confirm(wanted uuid) returns boolean
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
comment on function restock.confirm is
'The shopper confirms: the requests enter the inbox, and an earlier unsubscribing ends. Returns false where there is'
' nothing to confirm any more. Doing it again changes nothing.';

-- ---------------------------------------------------------------------------------------------
-- Roles
-- ---------------------------------------------------------------------------------------------

-- Only through these functions: who has the token of one message can act on that message and nothing else.
revoke execute on function
restock.show_message,
restock.record_visit,
restock.unsubscribe,
restock.double_opt_in,
restock.keep_unconfirmed,
restock.show_confirmation,
restock.confirm
from public;
grant execute on function
restock.show_message,
restock.record_visit,
restock.unsubscribe,
restock.double_opt_in,
restock.keep_unconfirmed,
restock.show_confirmation,
restock.confirm
to restock_intake;
