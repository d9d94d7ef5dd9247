-- Purpose: what the mart views stand on: summaries, intervals, and shoppers without addresses.
-- Run by:  Alembic (0008_marts.py), inside one transaction.

-- ---------------------------------------------------------------------------------------------
-- Shoppers without addresses
-- ---------------------------------------------------------------------------------------------

create table restock.mart_salt (
    salt text primary key
);
comment on table restock.mart_salt is
'One row: what is mixed into the hashes that stand in the marts in place of addresses, so that guessing does not help.';
comment on column restock.mart_salt.salt is 'Drawn by lot when this table was made.';
insert into restock.mart_salt (salt) values (gen_random_uuid()::text);

create function restock.is_address(value text) returns boolean
language sql immutable parallel safe
return strpos(value, '@') > 0 or strpos(value, '://') > 0 or (left(value, 1) = '+' and value ~ '^.[0-9 ().-]{6,}$');
comment on function restock.is_address is 'Whether it looks like an e-mail address, a telephone number or a URL.';

create function restock.hide_address(value text, salt text) returns text
language sql immutable parallel safe
return case
    when restock.is_address(value)
        then 'hidden-' || left(encode(sha256(convert_to(salt || value, 'UTF8')), 'hex'), 16)
    else value
end;
comment on function restock.hide_address is
'The value, or, where it is an address (some shops name shoppers and requests by them), a hash that stays the same.';

-- ---------------------------------------------------------------------------------------------
-- Intervals
-- ---------------------------------------------------------------------------------------------

create function restock.wilson_bound(rate numeric, trials numeric, side integer) returns numeric
language sql immutable parallel safe
return case
    when trials > 0
        then
            (
                rate + 3.841459 / (2 * trials)
                + side * 1.959964 * sqrt(rate * (1 - rate) / trials + 3.841459 / (4 * trials * trials))
            ) / (1 + 3.841459 / trials)
end;
comment on function restock.wilson_bound is
'The lower (side -1) or upper (side 1) end of the 95 per cent score interval of a rate: Wilson, Journal of the American'
' Statistical Association 22 (1927), 209-212. Null without trials.';

create function restock.difference_bound(
    rate numeric, trials numeric, other_rate numeric, other_trials numeric, side integer
) returns numeric
language sql immutable parallel safe
return rate - other_rate + side * sqrt(
    power(restock.wilson_bound(rate, trials, side) - rate, 2)
    + power(other_rate - restock.wilson_bound(other_rate, other_trials, -side), 2)
);
comment on function restock.difference_bound is
'The lower (side -1) or upper (side 1) end of the 95 per cent interval of the difference of two independent rates:'
' method 10 of Newcombe, Statistics in Medicine 17 (1998), 873-890.';

-- ---------------------------------------------------------------------------------------------
-- Latency from the snapshot
-- ---------------------------------------------------------------------------------------------

alter table restock.episode add column snapshot_at timestamptz;
comment on column restock.episode.snapshot_at is
'When the stock that opened it was counted, by the newest snapshot among its locations; null before version 0008.';

-- ---------------------------------------------------------------------------------------------
-- Summaries: what the views that add up everything read, written by restock.marts.refresh
-- ---------------------------------------------------------------------------------------------

create table restock.mart_refresh (
    only_one boolean primary key default true check (only_one),
    refreshed_at timestamptz not null,
    seconds double precision not null check (seconds >= 0),
    changes bigint not null
);
comment on table restock.mart_refresh is 'When the summaries were last written. One row, none before the first time.';
comment on column restock.mart_refresh.only_one is 'Always true.';
comment on column restock.mart_refresh.refreshed_at is 'The moment that the summaries show.';
comment on column restock.mart_refresh.seconds is 'How long it took; the next one waits accordingly.';
comment on column restock.mart_refresh.changes is
'Row changes that PostgreSQL had counted by then in the tables summed up; the same number again: nothing new.';

create table restock.mart_funnel (
    store_id text not null,
    request_day date not null,
    request_count bigint not null,
    available_count bigint not null,
    scheduled_count bigint not null,
    sent_count bigint not null,
    clicked_count bigint not null,
    bought_count bigint not null,
    bought_without_click_count bigint not null,
    primary key (store_id, request_day),
    constraint mart_funnel_never_grows check (
        request_count >= available_count
        and available_count >= scheduled_count
        and scheduled_count >= sent_count
        and sent_count >= clicked_count
        and clicked_count >= bought_count
        and bought_count >= bought_without_click_count
    )
);
comment on table restock.mart_funnel is 'Summary behind mart.funnel_daily.';
comment on column restock.mart_funnel.store_id is 'Store.';
comment on column restock.mart_funnel.request_day is 'Day (UTC) of the request.';
comment on column restock.mart_funnel.request_count is 'Requests.';
comment on column restock.mart_funnel.available_count is 'Whose product was available since.';
comment on column restock.mart_funnel.scheduled_count is 'Put into a message.';
comment on column restock.mart_funnel.sent_count is 'Whose message was sent.';
comment on column restock.mart_funnel.clicked_count is 'Clicked, or bought without a click.';
comment on column restock.mart_funnel.bought_count is 'With a purchase credited to the message.';
comment on column restock.mart_funnel.bought_without_click_count is 'Bought without a click.';

create table restock.mart_latency (
    wave integer not null,
    channel text not null,
    item_count bigint not null,
    snapshot_count bigint not null,
    snapshot_to_decision double precision[],
    snapshot_to_acceptance double precision[],
    opening_to_decision double precision[] not null,
    decision_to_acceptance double precision[] not null,
    opening_to_acceptance double precision[] not null,
    due_to_acceptance double precision[] not null,
    primary key (wave, channel)
);
comment on table restock.mart_latency is
'Summary behind mart.restock_latency; the arrays hold what half, 95 and 99 in 100 of the items took at most, in'
' seconds.';
comment on column restock.mart_latency.wave is 'Wave.';
comment on column restock.mart_latency.channel is 'Channel.';
comment on column restock.mart_latency.item_count is 'Items.';
comment on column restock.mart_latency.snapshot_count is 'Items whose snapshot is known.';
comment on column restock.mart_latency.snapshot_to_decision is 'From the snapshot to the decision.';
comment on column restock.mart_latency.snapshot_to_acceptance is 'From the snapshot to the acceptance.';
comment on column restock.mart_latency.opening_to_decision is 'From the opening of the restock to the decision.';
comment on column restock.mart_latency.decision_to_acceptance is 'From the decision to the acceptance.';
comment on column restock.mart_latency.opening_to_acceptance is 'From the opening to the acceptance.';
comment on column restock.mart_latency.due_to_acceptance is 'From the due time of the message to the acceptance.';

create table restock.mart_episode (
    episode_id bigint primary key,
    asked_count bigint not null,
    asked_units bigint not null,
    told_count bigint not null,
    held_back_count bigint not null,
    sent_count bigint not null,
    clicked_count bigint not null,
    bought_count bigint not null,
    bought_units bigint not null
);
comment on table restock.mart_episode is 'Summary behind mart.episode_outcome.';
comment on column restock.mart_episode.episode_id is 'Restock.';
comment on column restock.mart_episode.asked_count is 'Requests decided about.';
comment on column restock.mart_episode.asked_units is 'Units that they want.';
comment on column restock.mart_episode.told_count is 'Requests that stand in a message.';
comment on column restock.mart_episode.held_back_count is 'Requests not told.';
comment on column restock.mart_episode.sent_count is 'Requests whose message was sent.';
comment on column restock.mart_episode.clicked_count is 'Clicked, or bought without a click.';
comment on column restock.mart_episode.bought_count is 'With a purchase credited to the message.';
comment on column restock.mart_episode.bought_units is 'Units of these purchases.';

create table restock.mart_demand (
    store_id text not null,
    product_id text not null,
    waiting_requests bigint not null,
    waiting_shoppers bigint not null,
    waiting_units bigint not null,
    oldest_requested_at timestamptz,
    median_requested_at timestamptz,
    expired_requests bigint not null,
    expired_units bigint not null,
    measured_messages bigint not null,
    conversion numeric not null,
    primary key (store_id, product_id)
);
comment on table restock.mart_demand is 'Summary behind mart.product_demand.';
comment on column restock.mart_demand.store_id is 'Store.';
comment on column restock.mart_demand.product_id is 'Product.';
comment on column restock.mart_demand.waiting_requests is 'Open requests.';
comment on column restock.mart_demand.waiting_shoppers is 'Shoppers with an open request.';
comment on column restock.mart_demand.waiting_units is 'Units that the open requests want.';
comment on column restock.mart_demand.oldest_requested_at is 'When the oldest open request was made.';
comment on column restock.mart_demand.median_requested_at is 'When half of the open requests had been made.';
comment on column restock.mart_demand.expired_requests is 'Requests that expired.';
comment on column restock.mart_demand.expired_units is 'Units that the expired requests wanted.';
comment on column restock.mart_demand.measured_messages is 'Earlier messages about it that the conversion is from.';
comment on column restock.mart_demand.conversion is 'Share of messages that lead to a purchase, by evidence.';

create table restock.mart_delivery (
    channel text not null,
    hour timestamptz not null,
    attempt_count bigint not null,
    sent_count bigint not null,
    retryable_count bigint not null,
    permanent_count bigint not null,
    in_doubt_count bigint not null,
    dead_count bigint not null,
    busiest_minute_count bigint not null,
    suppression_count bigint not null,
    primary key (channel, hour)
);
comment on table restock.mart_delivery is 'Summary behind mart.delivery_health.';
comment on column restock.mart_delivery.channel is 'Channel.';
comment on column restock.mart_delivery.hour is 'Start of the hour.';
comment on column restock.mart_delivery.attempt_count is 'Attempts that ended in the hour.';
comment on column restock.mart_delivery.sent_count is 'Attempts that the provider accepted.';
comment on column restock.mart_delivery.retryable_count is 'Attempts to be made again.';
comment on column restock.mart_delivery.permanent_count is 'Attempts refused for good.';
comment on column restock.mart_delivery.in_doubt_count is 'Attempts of which nobody knows.';
comment on column restock.mart_delivery.dead_count is 'Messages given up.';
comment on column restock.mart_delivery.busiest_minute_count is 'Messages accepted in the busiest minute.';
comment on column restock.mart_delivery.suppression_count is 'Addresses suppressed.';

create table restock.mart_effect (
    policy_id integer primary key,
    decided_count bigint not null,
    sent_count bigint not null,
    pending_count bigint not null,
    told_count bigint not null,
    told_bought_count bigint not null,
    held_out_count bigint not null,
    held_out_bought_count bigint not null
);
comment on table restock.mart_effect is 'Summary behind mart.policy_effect.';
comment on column restock.mart_effect.policy_id is 'Policy.';
comment on column restock.mart_effect.decided_count is 'Decisions.';
comment on column restock.mart_effect.sent_count is 'Decisions whose message was sent.';
comment on column restock.mart_effect.pending_count is 'Shoppers of restocks whose seven days are not over.';
comment on column restock.mart_effect.told_count is 'Shoppers of restocks who were to be told.';
comment on column restock.mart_effect.told_bought_count is 'Those of them who bought within seven days.';
comment on column restock.mart_effect.held_out_count is 'Shoppers of restocks who were held out by lot.';
comment on column restock.mart_effect.held_out_bought_count is 'Those of them who bought within seven days.';

-- Its successor is mart.product_demand.
drop view if exists mart.demand;
