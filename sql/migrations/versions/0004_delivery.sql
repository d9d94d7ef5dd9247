-- Purpose: channels as rows, provider codes, leases with an owner, rates, breakers, tries that do not count.
-- Run by:  Alembic (0004_delivery.py), inside one transaction.

-- ---------------------------------------------------------------------------------------------
-- Channels
-- ---------------------------------------------------------------------------------------------

create table restock.channel (
    name text primary key,
    kind text not null,
    connection_id text not null,
    connections smallint not null check (connections between 1 and 1024),
    options jsonb not null default '{}' check (jsonb_typeof(options) = 'object')
);
comment on table restock.channel is
'One way to reach shoppers. A channel whose Airflow connection is missing is not offered.';
comment on column restock.channel.name is 'Channel as requests name it.';
comment on column restock.channel.kind is
'Module that carries it: one of restock.channels, or the dotted path of any other.';
comment on column restock.channel.connection_id is 'Airflow connection that says where the provider is.';
comment on column restock.channel.connections is 'Connections to the provider that one sending task holds at most.';
comment on column restock.channel.options is 'What the module further wants to know.';
insert into restock.channel (name, kind, connection_id, connections, options)
values
('email', 'email', 'restock_smtp', 32, '{}'),
('webhook', 'webhook', 'restock_webhook', 16, '{}'),
('sms', 'apprise', 'restock_apprise', 8, '{"tag": "sms"}'),
('push', 'apprise', 'restock_apprise', 8, '{"tag": "push"}'),
('chat', 'apprise', 'restock_apprise', 8, '{"tag": "chat"}');

create table restock.provider_code (
    kind text not null,
    code text not null,
    outcome text not null check (outcome in ('accepted', 'retryable', 'permanent', 'in_doubt', 'unavailable')),
    suppress boolean not null default false,
    meaning text not null,
    primary key (kind, code),
    constraint provider_code_suppress_for_good check (not suppress or outcome = 'permanent')
);
comment on table restock.provider_code is
'What one code of a provider means. A row serves every code that begins with its own; the longest row wins.';
comment on column restock.provider_code.kind is 'Kind of channel, as in channel.kind.';
comment on column restock.provider_code.code is
'The code or how it begins. For SMTP the reply code, then the enhanced status code where there is one: 550 5.1.1.';
comment on column restock.provider_code.outcome is
'accepted, retryable (try again), permanent (never), in_doubt (it may have the message), unavailable (it takes'
' nothing from anybody for now; the attempt does not count, and the breaker of the channel trips).';
comment on column restock.provider_code.suppress is
'The address is bad: it is suppressed at once. For SMTP only where the recipient was refused, not the mail.';
comment on column restock.provider_code.meaning is 'In words.';
insert into restock.provider_code (kind, code, outcome, suppress, meaning)
values
('email', '2', 'accepted', false, 'taken'),
('email', '4', 'retryable', false, 'not now'),
('email', '421', 'unavailable', false, 'the server ends the connection'),
('email', '432', 'unavailable', false, 'the password has to be changed'),
('email', '450', 'retryable', false, 'the mailbox is busy, or greylisting'),
('email', '451', 'retryable', false, 'the server failed in the middle'),
('email', '452', 'retryable', false, 'too little room, or too many recipients'),
('email', '454', 'unavailable', false, 'the login cannot be checked now'),
('email', '5', 'permanent', false, 'never'),
('email', '500', 'permanent', false, 'the server did not understand'),
('email', '521', 'permanent', true, 'the host takes no mail'),
('email', '530', 'unavailable', false, 'a login or encryption is needed'),
('email', '534', 'unavailable', false, 'another way to log in is needed'),
('email', '535', 'unavailable', false, 'the login is wrong'),
('email', '538', 'unavailable', false, 'encryption is needed'),
('email', '550', 'permanent', true, 'there is no such mailbox'),
('email', '550 5.2.1', 'permanent', false, 'the mailbox is switched off'),
('email', '550 5.2.2', 'retryable', false, 'the mailbox is full'),
('email', '550 5.3', 'permanent', false, 'the system of the recipient refuses the mail'),
('email', '550 5.4', 'permanent', false, 'no route to the recipient'),
('email', '550 5.6', 'permanent', false, 'the content cannot be taken'),
('email', '550 5.7', 'permanent', false, 'refused by policy: relaying, reputation or content'),
('email', '551', 'permanent', true, 'the user is not here'),
('email', '552', 'retryable', false, 'the mailbox is full'),
('email', '552 5.3.4', 'permanent', false, 'the mail is too large'),
('email', '553', 'permanent', true, 'the address is not allowed'),
('email', '553 5.7', 'permanent', false, 'refused by policy'),
('email', '554', 'permanent', false, 'the transaction failed'),
('email', '556', 'permanent', true, 'the domain takes no mail');

insert into restock.provider_code (kind, code, outcome, suppress, meaning)
values
('webhook', '2', 'accepted', false, 'taken'),
('webhook', '3', 'retryable', false, 'the receiver is elsewhere; redirects are not followed'),
('webhook', '4', 'permanent', false, 'the receiver refuses the message'),
('webhook', '401', 'unavailable', false, 'the receiver does not accept the signature'),
('webhook', '403', 'unavailable', false, 'the receiver does not let us in'),
('webhook', '407', 'unavailable', false, 'a proxy does not let us out'),
('webhook', '408', 'retryable', false, 'the receiver waited too long for the message'),
('webhook', '409', 'retryable', false, 'the receiver is still busy with the same message'),
('webhook', '410', 'permanent', true, 'the shopper''s address is gone for good'),
('webhook', '425', 'retryable', false, 'too early'),
('webhook', '429', 'retryable', false, 'too many messages for now'),
('webhook', '5', 'retryable', false, 'the receiver failed'),
('apprise', '2', 'accepted', false, 'taken'),
('apprise', '4', 'permanent', false, 'the service refuses the message'),
('apprise', '401', 'unavailable', false, 'the login of the service is wrong'),
('apprise', '402', 'unavailable', false, 'the account has to be paid'),
('apprise', '408', 'retryable', false, 'the service waited too long for the message'),
('apprise', '425', 'retryable', false, 'too early'),
('apprise', '429', 'retryable', false, 'too many messages for now'),
('apprise', '5', 'retryable', false, 'the service failed');

-- ---------------------------------------------------------------------------------------------
-- Leases, tries, rates, breakers
-- ---------------------------------------------------------------------------------------------

-- The owner is a fence: a sender that slept past its lease finds it gone.
alter table restock.outbox add column leased_by text;
comment on column restock.outbox.leased_by is 'The sender that holds the lease; null where none does.';

-- What is leased and stands in no row here is known not to have left. A row for each message would cost more than this.
create table restock.departure (
    leased_by text primary key,
    notification_keys bigint[] not null,
    begun_at timestamptz not null
) with (fillfactor = 20);
comment on table restock.departure is
'What one sender has handed to its provider, or is about to, and has not settled: after a crash this is in doubt.';
comment on column restock.departure.leased_by is 'The sender, as in outbox.leased_by.';
comment on column restock.departure.notification_keys is 'Messages, all leased by it.';
comment on column restock.departure.begun_at is 'When it was written, right before the first of them could leave.';

alter table restock.notification
add column forgiven_count smallint not null default 0;
comment on column restock.notification.forgiven_count is
'Attempts that do not count against the limit of tries: the provider took nothing from anybody, or a dead message was'
' replayed.';

create table restock.rate_bucket (
    channel text primary key,
    tokens double precision not null,
    filled_at timestamptz not null
) with (fillfactor = 10);
comment on table restock.rate_bucket is
'What one channel may still send now under restock_rate_per_minute: a token a message.';
comment on column restock.rate_bucket.channel is 'Channel.';
comment on column restock.rate_bucket.tokens is 'Messages that may leave at once, as of filled_at.';
comment on column restock.rate_bucket.filled_at is 'When the bucket was last filled up and drawn from.';

create table restock.breaker (
    channel text primary key,
    trip_count integer not null check (trip_count > 0),
    tripped_at timestamptz not null,
    probe_at timestamptz not null,
    reason text not null
);
comment on table restock.breaker is
'One channel whose provider is down. Its messages wait. From probe_at on one sender tries a few; the row goes when one'
' of them is accepted.';
comment on column restock.breaker.channel is 'Channel.';
comment on column restock.breaker.trip_count is 'Failures in a row; each doubles the wait.';
comment on column restock.breaker.tripped_at is 'When it failed last.';
comment on column restock.breaker.probe_at is 'When the next attempt is made.';
comment on column restock.breaker.reason is 'What went wrong, in words.';
