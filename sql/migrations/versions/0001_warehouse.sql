-- Purpose: the first structure of the warehouse: schemas, tables, the request_state view, the analyst role.
-- Run by:  Alembic (0001_warehouse.py), inside one transaction.

-- The schema restock stands already: Alembic keeps its version table there.
create schema staging;
comment on schema staging is 'Unlogged tables of one load each; empty between loads.';
comment on schema restock is 'The truth: requests, stock, episodes, decisions, notifications.';
create schema mart;
comment on schema mart is 'What analysts read. Contact addresses never appear here.';

-- ---------------------------------------------------------------------------------------------
-- Feeds
-- ---------------------------------------------------------------------------------------------

create table restock.feed_file (
    feed_file_id bigint generated always as identity primary key,
    feed text not null,
    path text not null,
    byte_size bigint not null check (byte_size >= 0),
    modified_at timestamptz not null,
    content_hash text,
    status text not null check (status in ('loaded', 'failed', 'duplicate')),
    reason text,
    read_count bigint not null default 0,
    loaded_count bigint not null default 0,
    rejected_count bigint not null default 0,
    duplicate_count bigint not null default 0,
    stale_count bigint not null default 0,
    unchanged_count bigint not null default 0,
    unknown_columns text[] not null default '{}',
    run_id text,
    recorded_at timestamptz not null default now(),
    constraint feed_file_sums_agree check (
        read_count = loaded_count + rejected_count + duplicate_count + stale_count + unchanged_count
    ),
    constraint feed_file_reason_given check (status = 'loaded' or reason is not null),
    constraint feed_file_version_key unique (path, modified_at, byte_size)
);
create unique index feed_file_content_key on restock.feed_file (feed, content_hash) where status = 'loaded';
comment on table restock.feed_file is
'One version of one file seen in the landing area, with the count of what became of each row.';
comment on column restock.feed_file.feed_file_id is 'Surrogate key.';
comment on column restock.feed_file.feed is 'Feed: the name of the folder in the landing area.';
comment on column restock.feed_file.path is 'Path below the landing area.';
comment on column restock.feed_file.byte_size is 'Size in bytes as listed.';
comment on column restock.feed_file.modified_at is 'Time of last modification as listed.';
comment on column restock.feed_file.content_hash is
'SHA-256 of the bytes as landed; null where the file could not be read.';
comment on column restock.feed_file.status is
'loaded; failed: cannot be read at all; duplicate: the same content was loaded before.';
comment on column restock.feed_file.reason is 'Why the file failed or is a duplicate, in words.';
comment on column restock.feed_file.read_count is 'Rows read.';
comment on column restock.feed_file.loaded_count is 'Rows that changed the warehouse.';
comment on column restock.feed_file.rejected_count is 'Rows kept in rejected_row with a reason.';
comment on column restock.feed_file.duplicate_count is 'Rows known before, and requests that joined an open one.';
comment on column restock.feed_file.stale_count is 'Rows older than what is known.';
comment on column restock.feed_file.unchanged_count is 'Rows that say what is known already.';
comment on column restock.feed_file.unknown_columns is 'Columns of the file that the feed does not have; ignored.';
comment on column restock.feed_file.run_id is 'The DAG run that loaded the file.';
comment on column restock.feed_file.recorded_at is 'When this row was written.';

create table restock.rejected_row (
    rejected_row_id bigint generated always as identity primary key,
    feed_file_id bigint not null references restock.feed_file,
    line_number bigint not null check (line_number > 0),
    raw_text text not null,
    reason_code text not null,
    detail text not null,
    rejected_at timestamptz not null default now()
);
create index rejected_row_file on restock.rejected_row (feed_file_id);
comment on table restock.rejected_row is 'One row of a feed file that broke a rule of its feed.';
comment on column restock.rejected_row.rejected_row_id is 'Surrogate key.';
comment on column restock.rejected_row.feed_file_id is 'The file.';
comment on column restock.rejected_row.line_number is 'Line on which the row starts in the file; the first line is 1.';
comment on column restock.rejected_row.raw_text is 'The row as it came; bytes that are not UTF-8 and NUL are escaped.';
comment on column restock.rejected_row.reason_code is 'Which rule it broke.';
comment on column restock.rejected_row.detail is 'Which column and what to do, in words.';
comment on column restock.rejected_row.rejected_at is 'When it was rejected.';

-- ---------------------------------------------------------------------------------------------
-- Catalogue, shoppers, stock
-- ---------------------------------------------------------------------------------------------

create table restock.product (
    store_id text not null,
    product_id text not null,
    name text not null,
    url text,
    image_url text,
    price numeric(14, 2) check (price >= 0),
    currency text check (currency ~ '^[A-Z]{3}$'),
    category text,
    brand text,
    parent_id text,
    feed_file_id bigint references restock.feed_file,
    updated_at timestamptz not null default now(),
    primary key (store_id, product_id)
);
comment on table restock.product is 'One product of one store, as last described by the products feed.';
comment on column restock.product.store_id is 'Store.';
comment on column restock.product.product_id is 'Product, or variant where products have variants.';
comment on column restock.product.name is 'Name that shoppers read.';
comment on column restock.product.url is 'Product page.';
comment on column restock.product.image_url is 'Picture.';
comment on column restock.product.price is 'Price in currency.';
comment on column restock.product.currency is 'ISO 4217 code.';
comment on column restock.product.category is 'Category.';
comment on column restock.product.brand is 'Brand.';
comment on column restock.product.parent_id is 'The product that this is a variant of.';
comment on column restock.product.feed_file_id is 'The file that last changed the row.';
comment on column restock.product.updated_at is 'When the row last changed.';

create table restock.customer (
    user_id text primary key,
    email text,
    phone text,
    webhook_url text,
    locale text,
    timezone text,
    preferred_channel text,
    tier integer not null default 0,
    consent boolean not null default true,
    feed_file_id bigint references restock.feed_file,
    updated_at timestamptz not null default now()
);
comment on table restock.customer is 'One shopper, as last described by the customers feed.';
comment on column restock.customer.user_id is 'Shopper.';
comment on column restock.customer.email is 'E-mail address.';
comment on column restock.customer.phone is 'Telephone number.';
comment on column restock.customer.webhook_url is 'URL for the webhook channel.';
comment on column restock.customer.locale is 'BCP 47 language tag.';
comment on column restock.customer.timezone is 'IANA time zone.';
comment on column restock.customer.preferred_channel is 'Channel of requests that name none.';
comment on column restock.customer.tier is
'Rank of the shopper; a higher number is served first when priority is tier.';
comment on column restock.customer.consent is 'False once the shopper withdrew consent to be written to.';
comment on column restock.customer.feed_file_id is 'The file that last changed the row.';
comment on column restock.customer.updated_at is 'When the row last changed.';

create table restock.inventory (
    store_id text not null,
    product_id text not null,
    location_id text not null,
    available_quantity integer not null check (available_quantity >= 0),
    orderable boolean not null default true,
    snapshot_at timestamptz not null,
    feed_file_id bigint references restock.feed_file,
    primary key (store_id, product_id, location_id)
) with (fillfactor = 70);
comment on table restock.inventory is 'Last known stock of one product at one location of one store.';
comment on column restock.inventory.store_id is 'Store.';
comment on column restock.inventory.product_id is 'Product.';
comment on column restock.inventory.location_id is 'Warehouse, shop or other place within the store.';
comment on column restock.inventory.available_quantity is 'Units that can be sold now (available to promise).';
comment on column restock.inventory.orderable is 'False while the location must not sell; it then counts as 0.';
comment on column restock.inventory.snapshot_at is 'When the stock was so; an older row never replaces a newer one.';
comment on column restock.inventory.feed_file_id is 'The file that last changed the row.';

create table restock.availability (
    store_id text not null,
    product_id text not null,
    quantity bigint not null check (quantity >= 0),
    snapshot_at timestamptz not null,
    primary key (store_id, product_id)
) with (fillfactor = 70);
comment on table restock.availability is
'Last known stock of one product in one store: inventory summed over its locations.';
comment on column restock.availability.store_id is 'Store.';
comment on column restock.availability.product_id is 'Product.';
comment on column restock.availability.quantity is 'Units over all locations, 0 where not orderable.';
comment on column restock.availability.snapshot_at is 'Newest snapshot among the locations.';

-- ---------------------------------------------------------------------------------------------
-- Requests: the rows never change; what is open stands in open_request, what ended in request_outcome
-- ---------------------------------------------------------------------------------------------

create table restock.request (
    request_key bigint generated always as identity primary key,
    request_id text not null constraint request_id_key unique,
    user_id text not null,
    store_id text not null,
    product_id text not null,
    channel text not null,
    contact text,
    surface text check (surface in ('app', 'web', 'mobile_web', 'cart')),
    locale text,
    timezone text,
    quantity integer not null default 1 check (quantity > 0),
    requested_at timestamptz not null,
    feed_file_id bigint references restock.feed_file,
    recorded_at timestamptz not null default now()
);
comment on table restock.request is 'One request of one shopper for one product in one store. Rows are never updated.';
comment on column restock.request.request_key is 'Surrogate key.';
comment on column restock.request.request_id is 'Id given by the surface.';
comment on column restock.request.user_id is 'Shopper; need not be in customer (yet).';
comment on column restock.request.store_id is 'Store.';
comment on column restock.request.product_id is 'Product; need not be in product (yet).';
comment on column restock.request.channel is 'Channel to be told on, settled when the request was loaded.';
comment on column restock.request.contact is 'Address given with the request; else the customer''s is used.';
comment on column restock.request.surface is 'Where it was asked: app, web, mobile_web, cart.';
comment on column restock.request.locale is 'BCP 47 language tag at the time of asking.';
comment on column restock.request.timezone is 'IANA time zone at the time of asking.';
comment on column restock.request.quantity is 'Units wanted.';
comment on column restock.request.requested_at is 'When the shopper asked; decides the place in the queue.';
comment on column restock.request.feed_file_id is 'The file it came in.';
comment on column restock.request.recorded_at is 'When the row was written.';

create table restock.open_request (
    store_id text not null,
    product_id text not null,
    user_id text not null,
    channel text not null,
    request_key bigint not null references restock.request,
    primary key (store_id, product_id, user_id, channel)
);
create index open_request_user on restock.open_request (user_id);
comment on table restock.open_request is
'The requests that still wait for an answer: at most one per store, product, shopper and channel.';
comment on column restock.open_request.store_id is 'Store.';
comment on column restock.open_request.product_id is 'Product.';
comment on column restock.open_request.user_id is 'Shopper.';
comment on column restock.open_request.channel is 'Channel.';
comment on column restock.open_request.request_key is 'The request.';

create table restock.joined_request (
    request_id text primary key,
    request_key bigint not null references restock.request,
    contact text,
    surface text,
    locale text,
    timezone text,
    quantity integer not null default 1 check (quantity > 0),
    requested_at timestamptz not null,
    feed_file_id bigint references restock.feed_file
);
create index joined_request_key on restock.joined_request (request_key);
comment on table restock.joined_request is
'One request that asked for what an open one asks already, and is answered with it.';
comment on column restock.joined_request.request_id is 'Id given by the surface.';
comment on column restock.joined_request.request_key is 'The open request that it joined.';
comment on column restock.joined_request.contact is 'Address given with it.';
comment on column restock.joined_request.surface is 'Where it was asked.';
comment on column restock.joined_request.locale is 'BCP 47 language tag at the time of asking.';
comment on column restock.joined_request.timezone is 'IANA time zone at the time of asking.';
comment on column restock.joined_request.quantity is 'Units wanted.';
comment on column restock.joined_request.requested_at is 'When the shopper asked again.';
comment on column restock.joined_request.feed_file_id is 'The file it came in.';

create table restock.cancellation (
    request_id text not null,
    user_id text not null,
    store_id text not null,
    product_id text not null,
    channel text,
    cancelled_at timestamptz not null,
    feed_file_id bigint references restock.feed_file,
    -- One id may withdraw several things at once: a surface may send the shopper's own id with each.
    constraint cancellation_key unique nulls not distinct (
        store_id, product_id, user_id, channel, request_id, cancelled_at
    )
);
create index cancellation_request on restock.cancellation (request_id);
comment on table restock.cancellation is
'One withdrawal of a request. It ends what was asked up to its time, whichever of the two arrives first.';
comment on column restock.cancellation.request_id is 'Id given by the surface, that of the request or one of its own.';
comment on column restock.cancellation.user_id is 'Shopper.';
comment on column restock.cancellation.store_id is 'Store.';
comment on column restock.cancellation.product_id is 'Product.';
comment on column restock.cancellation.channel is 'Channel; null for all.';
comment on column restock.cancellation.cancelled_at is 'When the shopper withdrew.';
comment on column restock.cancellation.feed_file_id is 'The file it came in.';

create table restock.suppression (
    channel text not null,
    contact text not null,
    reason text not null check (reason in ('unsubscribe', 'bounce', 'complaint')),
    suppressed_at timestamptz not null default now(),
    primary key (channel, contact)
);
comment on table restock.suppression is 'One address that must not be written to on one channel.';
comment on column restock.suppression.channel is 'Channel.';
comment on column restock.suppression.contact is 'Address in lower case.';
comment on column restock.suppression.reason is 'unsubscribe, bounce or complaint.';
comment on column restock.suppression.suppressed_at is 'Since when.';

create table restock.purchase (
    order_id text not null,
    user_id text not null,
    store_id text not null,
    product_id text not null,
    ordered_at timestamptz not null,
    quantity integer not null default 1 check (quantity > 0),
    amount numeric(14, 2),
    feed_file_id bigint references restock.feed_file,
    primary key (order_id, store_id, product_id)
);
create index purchase_shopper on restock.purchase (user_id, store_id, product_id, ordered_at);
comment on table restock.purchase is 'One product bought in one order.';
comment on column restock.purchase.order_id is 'Order.';
comment on column restock.purchase.user_id is 'Shopper.';
comment on column restock.purchase.store_id is 'Store.';
comment on column restock.purchase.product_id is 'Product.';
comment on column restock.purchase.ordered_at is 'When it was bought.';
comment on column restock.purchase.quantity is 'Units.';
comment on column restock.purchase.amount is 'Price paid for all units.';
comment on column restock.purchase.feed_file_id is 'The file it came in.';

create function restock.address_for(
    channel text, contact text, email text, phone text, webhook_url text
) returns text
language sql immutable parallel safe
return coalesce(
    contact,
    case channel when 'email' then email when 'sms' then phone when 'webhook' then webhook_url end
);
comment on function restock.address_for is
'Where a request is answered: the address given with it, else that of the customer for its channel.';

-- ---------------------------------------------------------------------------------------------
-- Policy, episodes, planning
-- ---------------------------------------------------------------------------------------------

create table restock.policy (
    policy_id integer generated always as identity primary key,
    settings jsonb not null,
    changed text[] not null,
    valid_from timestamptz not null default now()
);
comment on table restock.policy is 'One version of the tuned settings. The newest is in force.';
comment on column restock.policy.policy_id is 'Version.';
comment on column restock.policy.settings is 'Every setting with its value.';
comment on column restock.policy.changed is 'Names of the settings that differ from the version before.';
comment on column restock.policy.valid_from is 'Since when it is in force.';

create table restock.episode (
    episode_id bigint generated always as identity primary key,
    store_id text not null,
    product_id text not null,
    quantity bigint not null check (quantity > 0),
    opened_at timestamptz not null,
    closed_at timestamptz,
    held_since timestamptz,
    held_reason text,
    last_position integer not null default 0 check (last_position >= 0),
    policy_id integer not null references restock.policy,
    constraint episode_times_agree check (closed_at >= opened_at),
    constraint episode_hold_explained check ((held_since is null) = (held_reason is null))
);
create unique index episode_open_key on restock.episode (store_id, product_id) where closed_at is null;
comment on table restock.episode is 'One stretch of availability of one product in one store.';
comment on column restock.episode.episode_id is 'Surrogate key.';
comment on column restock.episode.store_id is 'Store.';
comment on column restock.episode.product_id is 'Product.';
comment on column restock.episode.quantity is 'Units at the opening; decides the size of a wave.';
comment on column restock.episode.opened_at is 'When the pipeline saw it available; wave 0 is due from here.';
comment on column restock.episode.closed_at is 'When the pipeline saw it sold out.';
comment on column restock.episode.held_since is 'Since when a gate holds it back; null where none does.';
comment on column restock.episode.held_reason is 'Which gate holds it back, in words.';
comment on column restock.episode.last_position is 'Last place in the queue that was given.';
comment on column restock.episode.policy_id is 'Policy in force at the opening.';

create table restock.plan_queue (
    store_id text not null,
    product_id text not null,
    plan_after timestamptz not null,
    primary key (store_id, product_id)
);
comment on table restock.plan_queue is
'One product whose open requests need another look: it came back, was asked for anew, or a pause ended.';
comment on column restock.plan_queue.store_id is 'Store.';
comment on column restock.plan_queue.product_id is 'Product.';
comment on column restock.plan_queue.plan_after is 'Not to be looked at before.';

create table restock.candidate (
    bucket smallint not null check (bucket between 0 and 63),
    episode_id bigint not null references restock.episode,
    request_key bigint not null references restock.request,
    position integer not null check (position > 0),
    wave integer not null check (wave >= 0),
    due_at timestamptz not null,
    primary key (bucket, episode_id, request_key)
);
comment on table restock.candidate is
'One request that has its place in the queue of an episode and not yet its message. Short-lived.';
comment on column restock.candidate.bucket is 'Slice of the shoppers, by hash of user_id; a shard is a run of buckets.';
comment on column restock.candidate.episode_id is 'Episode.';
comment on column restock.candidate.request_key is 'Request.';
comment on column restock.candidate.position is 'Place in the queue of the episode, from 1.';
comment on column restock.candidate.wave is 'Wave, from 0.';
comment on column restock.candidate.due_at is 'When the wave is due.';

-- ---------------------------------------------------------------------------------------------
-- Notifications, decisions, delivery
-- ---------------------------------------------------------------------------------------------

-- The id follows from the item that opened the message, so that planning again gives the same id.
-- status stands in no index, and pages keep room, so that its updates stay within the page (HOT).
create table restock.notification (
    notification_key bigint generated always as identity primary key,
    notification_id uuid not null generated always as (
        md5('restock/' || opening_episode_id::text || '/' || opening_request_key::text)::uuid
    ) stored constraint notification_id_key unique,
    opening_episode_id bigint not null references restock.episode,
    opening_request_key bigint not null references restock.request,
    user_id text not null,
    channel text not null,
    store_id text not null,
    locale text,
    timezone text not null,
    local_day date not null,
    first_due_at timestamptz not null,
    due_at timestamptz not null,
    status text not null default 'scheduled' check (
        status in ('scheduled', 'claimed', 'sent', 'held', 'cancelled', 'failed', 'dead')
    ),
    status_at timestamptz not null,
    attempt_count smallint not null default 0,
    last_error text,
    policy_id integer not null references restock.policy,
    created_at timestamptz not null,
    constraint notification_due_after_first check (due_at >= first_due_at)
) with (fillfactor = 70);
create index notification_shopper_day on restock.notification (user_id, local_day);
comment on table restock.notification is 'One message to one shopper on one channel.';
comment on column restock.notification.notification_key is 'Surrogate key.';
comment on column restock.notification.notification_id is
'Id that goes out as Message-ID and Idempotency-Key; follows from the opening item.';
comment on column restock.notification.opening_episode_id is 'Episode of the item that opened the message.';
comment on column restock.notification.opening_request_key is 'Request of the item that opened the message.';
comment on column restock.notification.user_id is 'Shopper.';
comment on column restock.notification.channel is 'Channel.';
comment on column restock.notification.store_id is 'Store.';
comment on column restock.notification.locale is 'Language of the message.';
comment on column restock.notification.timezone is 'Wall clock that quiet hours and the day are read on.';
comment on column restock.notification.local_day is 'Day of the message on that wall clock; counts for the daily cap.';
comment on column restock.notification.first_due_at is 'Due time of its first item.';
comment on column restock.notification.due_at is 'Due time of its last item, which is that of the message.';
comment on column restock.notification.status is
'scheduled, claimed (may be leaving now), sent (the provider has it), held, cancelled (no item'
' left), failed (will be tried again), dead.';
comment on column restock.notification.status_at is 'Since when.';
comment on column restock.notification.attempt_count is 'Attempts made.';
comment on column restock.notification.last_error is 'What the provider said last, if it refused.';
comment on column restock.notification.policy_id is 'Policy under which it was scheduled.';
comment on column restock.notification.created_at is 'When it was scheduled.';

create table restock.outbox (
    notification_key bigint primary key references restock.notification,
    channel text not null,
    due_at timestamptz not null,
    lease_until timestamptz
) with (fillfactor = 70);
create index outbox_due on restock.outbox (channel, due_at, notification_key);
comment on table restock.outbox is 'The messages that have still to leave, oldest due first.';
comment on column restock.outbox.notification_key is 'Message.';
comment on column restock.outbox.channel is 'Channel.';
comment on column restock.outbox.due_at is
'When to send; later than the message''s own due time after a failed attempt.';
comment on column restock.outbox.lease_until is 'A task is sending it and has until then to say how that ended.';

create table restock.decision (
    episode_id bigint not null references restock.episode,
    request_key bigint not null references restock.request,
    outcome text not null check (outcome in ('told', 'delayed', 'merged', 'capped', 'skipped', 'held')),
    rule text not null check (
        rule in (
            'queue', 'quiet_hours', 'digest', 'daily_cap', 'cooldown', 'no_address', 'no_channel', 'holdout',
            'sold_out', 'cancelled', 'purchased', 'suppressed', 'expired'
        )
    ),
    position integer,
    wave integer,
    due_at timestamptz,
    scheduled_at timestamptz,
    notification_key bigint references restock.notification,
    dropped_at timestamptz,
    policy_id integer not null references restock.policy,
    decided_at timestamptz not null,
    primary key (episode_id, request_key),
    constraint decision_told_in_a_message check (
        (outcome in ('told', 'delayed', 'merged')) = (notification_key is not null and dropped_at is null)
    )
);
create index decision_notification on restock.decision (notification_key) where notification_key is not null;
comment on table restock.decision is 'What was decided for one request in one episode, and by which rule.';
comment on column restock.decision.episode_id is 'Episode.';
comment on column restock.decision.request_key is 'Request.';
comment on column restock.decision.outcome is
'told (own message at its due time), delayed (later), merged (in a message with others), capped,'
' skipped, held (not told in this episode).';
comment on column restock.decision.rule is 'The rule that had the last word.';
comment on column restock.decision.position is 'Place in the queue of the episode, from 1.';
comment on column restock.decision.wave is 'Wave, from 0.';
comment on column restock.decision.due_at is 'When the wave was due.';
comment on column restock.decision.scheduled_at is 'When the item is due after quiet hours and the daily cap.';
comment on column restock.decision.notification_key is 'The message that it stands in, or fell out of.';
comment on column restock.decision.dropped_at is
'When the last look took it out of the message; null where it did not.';
comment on column restock.decision.policy_id is 'Policy under which it was decided.';
comment on column restock.decision.decided_at is 'When.';

create table restock.request_outcome (
    request_key bigint primary key references restock.request,
    status text not null check (status in ('notified', 'cancelled', 'expired', 'purchased', 'suppressed')),
    reason text not null,
    notification_key bigint references restock.notification,
    closed_at timestamptz not null
);
comment on table restock.request_outcome is 'How one request ended. A request without a row here is open.';
comment on column restock.request_outcome.request_key is 'Request.';
comment on column restock.request_outcome.status is 'notified, cancelled, expired, purchased or suppressed.';
comment on column restock.request_outcome.reason is 'Why, as a code.';
comment on column restock.request_outcome.notification_key is 'The message that answered it.';
comment on column restock.request_outcome.closed_at is 'When it ended.';

create table restock.delivery_attempt (
    notification_key bigint not null references restock.notification,
    attempt_number smallint not null check (attempt_number > 0),
    outcome text not null check (outcome in ('accepted', 'retryable', 'permanent', 'in_doubt')),
    provider_code text,
    provider_message text,
    started_at timestamptz not null,
    finished_at timestamptz not null,
    sender text not null,
    primary key (notification_key, attempt_number)
);
comment on table restock.delivery_attempt is 'One attempt to hand one message to a provider.';
comment on column restock.delivery_attempt.notification_key is 'Message.';
comment on column restock.delivery_attempt.attempt_number is 'From 1.';
comment on column restock.delivery_attempt.outcome is
'accepted, retryable (try again), permanent (never), in_doubt (the provider may or may not have it).';
comment on column restock.delivery_attempt.provider_code is 'Code of the provider''s answer, for SMTP the reply code.';
comment on column restock.delivery_attempt.provider_message is 'Text of the provider''s answer.';
comment on column restock.delivery_attempt.started_at is
'When the message was claimed for this attempt, after the last look.';
comment on column restock.delivery_attempt.finished_at is 'When the answer came.';
comment on column restock.delivery_attempt.sender is 'Run and task that made the attempt.';

-- ---------------------------------------------------------------------------------------------
-- Where each request stands
-- ---------------------------------------------------------------------------------------------

create view restock.request_state as
with named_request as (
    select
        request_id,
        request_key
    from restock.request
    union all
    select
        request_id,
        request_key
    from restock.joined_request
)

select
    n.request_id,
    case
        when o.status is not null then o.status
        when d.notification_key is not null and d.dropped_at is null then 'scheduled'
        when e.episode_id is not null then 'available'
        else 'waiting'
    end as status,
    case
        when o.reason is not null then o.reason
        when d.rule is not null then d.rule
        when e.held_reason is not null then 'gate'
        when e.episode_id is not null then 'to_be_planned'
        else 'sold_out'
    end as reason,
    coalesce(o.closed_at, d.decided_at, e.opened_at, r.requested_at) as since
from named_request as n
inner join restock.request as r on n.request_key = r.request_key
left join restock.request_outcome as o on r.request_key = o.request_key
left join restock.episode as e
    on
        r.store_id = e.store_id
        and r.product_id = e.product_id
        and e.closed_at is null
        and o.request_key is null
left join restock.decision as d on e.episode_id = d.episode_id and r.request_key = d.request_key;
comment on view restock.request_state is 'Where each request stands now: one row a request id.';
comment on column restock.request_state.request_id is 'Id given by the surface.';
comment on column restock.request_state.status is
'waiting, available, scheduled, notified; or closed as cancelled, expired, purchased, suppressed.';
comment on column restock.request_state.reason is 'Why it stands there, as a code.';
comment on column restock.request_state.since is 'Since when.';

-- ---------------------------------------------------------------------------------------------
-- Roles
-- ---------------------------------------------------------------------------------------------

-- Roles belong to the server, not the database: another warehouse on it may have made this one already,
-- and two may be made at the same moment.
do $$
begin
    create role restock_analyst nologin;
exception
    when duplicate_object or unique_violation then null;
end
$$;
grant usage on schema mart to restock_analyst;
alter default privileges in schema mart grant select on tables to restock_analyst;
