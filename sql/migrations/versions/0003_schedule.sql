-- Purpose: the traces of decisions, overrides, replay.
-- Run by:  Alembic (0003_schedule.py), inside one transaction.

-- ---------------------------------------------------------------------------------------------
-- Traces: every rule that touched a candidate, and what planning saw of it
-- ---------------------------------------------------------------------------------------------

-- A foreign key costs each row a look-up. The planner itself has read the episode, the request and the policy in the
-- same transaction, and writes the message; sql/checks/plan_is_anchored.sql watches over it.
alter table restock.decision
drop constraint decision_episode_id_fkey,
drop constraint decision_request_key_fkey,
drop constraint decision_notification_key_fkey,
drop constraint decision_policy_id_fkey;
alter table restock.notification
drop constraint notification_opening_episode_id_fkey,
drop constraint notification_opening_request_key_fkey,
drop constraint notification_policy_id_fkey;
alter table restock.outbox drop constraint outbox_notification_key_fkey;

alter table restock.decision
add column trace text,
add column ranked_at timestamptz,
add column seen_tier integer,
add column seen_timezone text,
add column seen_address integer,
add column seen_told_at timestamptz,
add column seen_category text,
add column seen_messages text;
comment on column restock.decision.trace is
'Every rule that touched the candidate, in order; null where written before version 0003. Looks stand apart by "; ",'
' the last one made this decision; an earlier one, which passed the request over, starts with "@" and its time.'
' A look is steps apart by one blank. A step is the code of a rule, then ">" and the time at which the candidate left'
' the rule where the rule moved it (ISO 8601, UTC, seconds left out where they are 0). A candidate comes into the'
' first step of the last look when its episode opened (in an earlier look, at the time of that look), and into each'
' other step at the latest time before it. Codes, in this order: no_channel, no_address, cooldown (its time is the end'
' of the cooldown), holdout: passed over, and the look ends; queue; waves (> the due time of wave 1 or later); now (>'
' the moment of planning, where the due time was past); quiet_hours (> their end); daily_cap (> the first free time of'
' the next day; once for each full day); max_delay (that would be too late: capped, and the look ends); digest (in'
' one message with others; > the due time of the message, as planned, where it is later).';
comment on column restock.decision.ranked_at is
'The clock of rules 3 to 6, where it was not decided_at: the run that gave the place was not the one that planned it.';
comment on column restock.decision.seen_tier is 'Tier of the shopper, as planning saw it; null for 0.';
comment on column restock.decision.seen_timezone is
'Time zone of the request, else of the customer, as planning saw it; null: the default one was used.';
comment on column restock.decision.seen_address is
'Hash of the address, as planning saw it: the same number, the same address. Null where there was none.';
comment on column restock.decision.seen_told_at is
'Last message to this shopper about this product, as planning saw it; null where it looked for none or found none.';
comment on column restock.decision.seen_category is
'Category of the product, as planning saw it; null where no setting depended on it.';
comment on column restock.decision.seen_messages is
'The shopper''s messages of earlier runs, as planning saw them, on one of the shopper''s decisions of a run: apart by'
' blanks, each notification_key/local day/first due time/due time, with "+" behind where items could still join.'
' Null on the others, and where there were none.';

-- The planner takes a place out of here right after it was given, so the row carries what rules 7 and 8 need of it:
-- it need not be joined again from requests and customers. Rows are not updated, and found by bucket.
alter table restock.candidate
drop constraint candidate_pkey,
drop constraint candidate_episode_id_fkey,
drop constraint candidate_request_key_fkey,
add column ranked_at timestamptz,
add column request_id text,
add column user_id text,
add column channel text,
add column contact text,
add column timezone text,
add column locale text,
add column category text,
add column tier integer,
add column last_told_at timestamptz,
add column looks text;
update restock.candidate
set
    ranked_at = now(),
    request_id = r.request_id,
    user_id = r.user_id,
    channel = r.channel,
    contact = restock.address_for(r.channel, r.contact, c.email, c.phone, c.webhook_url),
    timezone = coalesce(r.timezone, c.timezone),
    locale = coalesce(r.locale, c.locale),
    tier = coalesce(c.tier, 0)
from restock.request as r
left join restock.customer as c on r.user_id = c.user_id
where candidate.request_key = r.request_key;
alter table restock.candidate
alter column ranked_at set not null,
alter column request_id set not null,
alter column user_id set not null,
alter column channel set not null,
alter column tier set not null;
create index candidate_bucket on restock.candidate (bucket);
comment on column restock.candidate.due_at is 'When its wave is due; may be past.';
comment on column restock.candidate.ranked_at is 'The clock of rules 3 to 6.';
comment on column restock.candidate.request_id is 'Id of the request; items due at the same time go in its order.';
comment on column restock.candidate.user_id is 'Shopper.';
comment on column restock.candidate.channel is 'Channel.';
comment on column restock.candidate.contact is 'Address, that of the request or else the customer''s.';
comment on column restock.candidate.timezone is
'Time zone of the request, else of the customer; null: the default one.';
comment on column restock.candidate.locale is 'Language of the request, else of the customer.';
comment on column restock.candidate.category is 'Category of the product; overrides of the settings may go by it.';
comment on column restock.candidate.tier is 'Tier of the shopper.';
comment on column restock.candidate.last_told_at is 'Last message to this shopper about this product.';
comment on column restock.candidate.looks is 'Trace of the earlier looks that passed the request over.';

create function restock.read_trace(trace text, opened_at timestamptz) returns table (
    look_at timestamptz, step integer, rule text, came_at timestamptz, left_at timestamptz
)
language sql stable parallel safe
as $$
    with look as (
        select
            l.number,
            substring(l.words from '^@(\S+)')::timestamptz as look_at,
            regexp_replace(l.words, '^@\S+ ', '') as words
        from regexp_split_to_table(trace, '; ') with ordinality as l (words, number)
    ),

    step as (
        select
            l.number,
            l.look_at,
            s.number as step,
            split_part(s.word, '>', 1) as rule,
            nullif(split_part(s.word, '>', 2), '')::timestamptz as left_at
        from look as l
        cross join lateral regexp_split_to_table(l.words, ' ') with ordinality as s (word, number)
    )

    select
        s.look_at,
        (row_number() over (order by s.number, s.step))::integer,
        s.rule,
        coalesce(
            max(s.left_at) over (
                partition by s.number order by s.step rows between unbounded preceding and 1 preceding
            ),
            s.look_at,
            opened_at
        ),
        s.left_at
    from step as s
    order by s.number, s.step
$$;
comment on function restock.read_trace is
'The steps of decision.trace as rows: look_at (null in the look that made the decision), step from 1, rule, the time'
' it came in and the time it left (null where the rule did not move it).';

-- ---------------------------------------------------------------------------------------------
-- Policy: what a version changed
-- ---------------------------------------------------------------------------------------------

alter table restock.policy add column previous jsonb not null default '{}';
comment on column restock.policy.previous is
'What the changed settings were in the version before. Who changed them stands in Airflow''s event log.';

-- ---------------------------------------------------------------------------------------------
-- Episodes: the size of their waves, and their release from a gate
-- ---------------------------------------------------------------------------------------------

alter table restock.episode
add column notify_per_unit numeric check (notify_per_unit >= 0),
add column wave_evidence jsonb,
add column gate_id bigint references restock.gate,
add column released_at timestamptz,
add column released_by text,
add column released_hold_since timestamptz,
add column released_hold_reason text,
add constraint episode_release_explained check (
    num_nonnulls(released_at, released_by, released_hold_since, released_hold_reason) in (0, 4)
);
comment on column restock.episode.notify_per_unit is
'Shoppers told in one wave for each unit, as in force, or worked out (auto), at the opening; 0 tells everyone at once.';
comment on column restock.episode.wave_evidence is
'What notify_per_unit was worked out from; null where the setting is a number.';
comment on column restock.episode.gate_id is 'The gate that holds it, or held it; null where none did.';
comment on column restock.episode.opened_at is
'When the pipeline saw it available, or let it go after a gate (released_hold_since); wave 0 is due from here.';
comment on column restock.episode.released_at is 'When someone released it from a gate; null where nobody did.';
comment on column restock.episode.released_by is 'Who released it.';
comment on column restock.episode.released_hold_since is 'Since when the gate had held it.';
comment on column restock.episode.released_hold_reason is 'Which gate had held it, in words.';
-- Episodes from before this version are cut into waves by the policy they were opened under.
update restock.episode
set notify_per_unit = (p.settings ->> 'notify_per_unit')::numeric
from restock.policy as p
where p.policy_id = episode.policy_id;
create index episode_product on restock.episode (store_id, product_id, opened_at);
create index episode_held on restock.episode (gate_id) where held_since is not null and closed_at is null;

create function restock.release_episodes(gate text default null, released_by text default session_user)
returns setof text
language sql
as $$
    update restock.gate as g
    set
        released_at = greatest(now(), g.checked_at),
        released_by = release_episodes.released_by
    where
        g.scope = 'episodes'
        and g.released_at is null
        and g.gate = coalesce(release_episodes.gate, g.gate)
    returning g.gate
$$;
comment on function restock.release_episodes is
'Releases what a gate before the episodes holds (null: every such gate) and returns the names of the gates; the next'
' run opens and plans what they held.';

create function restock.stock_settings(settings jsonb) returns table (
    store_id text,
    product_id text,
    quantity bigint,
    snapshot_at timestamptz,
    min_quantity bigint,
    notify_per_unit text,
    max_snapshot_age_hours integer
)
language sql stable parallel safe
as $$
    select
        a.store_id,
        a.product_id,
        a.quantity,
        a.snapshot_at,
        coalesce(
            p.own ->> 'min_quantity', c.own ->> 'min_quantity', s.own ->> 'min_quantity', settings ->> 'min_quantity'
        )::bigint,
        coalesce(
            p.own ->> 'notify_per_unit',
            c.own ->> 'notify_per_unit',
            s.own ->> 'notify_per_unit',
            settings ->> 'notify_per_unit'
        ),
        coalesce(
            p.own ->> 'max_snapshot_age_hours',
            c.own ->> 'max_snapshot_age_hours',
            s.own ->> 'max_snapshot_age_hours',
            settings ->> 'max_snapshot_age_hours'
        )::integer
    from restock.availability as a
    left join jsonb_each(settings #> '{overrides,store}') as s (key, own) on a.store_id = s.key
    left join (
        select
            d.store_id,
            d.product_id,
            o.own
        from jsonb_each(settings #> '{overrides,category}') as o (key, own)
        inner join restock.product as d on o.key = d.category
    ) as c on a.store_id = c.store_id and a.product_id = c.product_id
    left join jsonb_each(settings #> '{overrides,product}') as p (key, own) on a.store_id || '/' || a.product_id = p.key
$$;
comment on function restock.stock_settings is
'The stock of each product and store beside the settings in force for the opening of an episode: those of the product,'
' else of its category, else of its store, else the general ones. Takes restock.policy.settings with every setting.';

create function restock.wave_size_by_evidence(store_ids text[], product_ids text[], clock timestamptz) returns table (
    store_id text, product_id text, notify_per_unit numeric, evidence jsonb
)
language sql stable parallel safe
as $$
    -- The prior is a conversion of 0.05, as back-in-stock mails are reported to have on average (Omnisend: 0.053 in
    -- 2024, 0.065 in 2025), with the weight of 40 messages: Beta(2, 38).
    with given as (
        select
            0.05 as prior_rate,
            40 as prior_messages,
            interval '72 hours' as purchase_window,
            interval '180 days' as memory,
            0.1 as least,
            50 as most
    ),

    asked as (
        select
            k.store_id,
            k.product_id,
            p.category
        from unnest(store_ids, product_ids) as k (store_id, product_id)
        left join restock.product as p on k.store_id = p.store_id and k.product_id = p.product_id
    ),

    related as (
        select
            store_id,
            product_id,
            category
        from asked
        union
        select
            p.store_id,
            p.product_id,
            p.category
        from restock.product as p
        where p.category in (
            select category
            from asked
        )
    ),

    -- Only messages whose shoppers have had their time to buy.
    measured as (
        select
            l.store_id,
            l.product_id,
            l.category,
            count(*) as messages,
            count(*) filter (
                where exists (
                    select 1
                    from restock.purchase as b
                    where
                        b.user_id = n.user_id
                        and b.store_id = l.store_id
                        and b.product_id = l.product_id
                        and b.ordered_at > n.status_at
                        and b.ordered_at <= n.status_at + g.purchase_window
                )
            ) as purchases
        from related as l
        cross join given as g
        inner join restock.episode as e on l.store_id = e.store_id and l.product_id = e.product_id
        inner join restock.decision as d on e.episode_id = d.episode_id and d.dropped_at is null
        inner join restock.notification as n on d.notification_key = n.notification_key
        where
            n.status = 'sent'
            and n.status_at <= clock - g.purchase_window
            and n.status_at > clock - g.memory
            and coalesce(e.closed_at, clock) > clock - g.memory
        group by l.store_id, l.product_id, l.category
    ),

    measured_category as (
        select
            category,
            sum(messages) as messages,
            sum(purchases) as purchases
        from measured
        where category is not null
        group by category
    ),

    wanted as (
        select
            k.store_id,
            k.product_id,
            avg(r.quantity) as quantity
        from asked as k
        inner join restock.open_request as o on k.store_id = o.store_id and k.product_id = o.product_id
        inner join restock.request as r on o.request_key = r.request_key
        group by k.store_id, k.product_id
    ),

    counted as (
        select
            k.store_id,
            k.product_id,
            coalesce(m.messages, 0) as messages,
            coalesce(m.purchases, 0) as purchases,
            coalesce(c.messages, 0) - coalesce(m.messages, 0) * (c.messages is not null)::integer as category_messages,
            coalesce(c.purchases, 0) - coalesce(m.purchases, 0) * (c.messages is not null)::integer
                as category_purchases,
            coalesce(w.quantity, 1) as quantity
        from asked as k
        left join measured as m on k.store_id = m.store_id and k.product_id = m.product_id
        left join measured_category as c on k.category = c.category
        left join wanted as w on k.store_id = w.store_id and k.product_id = w.product_id
    ),

    -- The mean of the Beta posterior, twice: what the rest of the category says is the prior of the product.
    estimated as (
        select
            n.*,
            (
                n.purchases + g.prior_messages * (n.category_purchases + g.prior_messages * g.prior_rate)
                / (n.category_messages + g.prior_messages)
            ) / (n.messages + g.prior_messages) as conversion
        from counted as n
        cross join given as g
    )

    select
        s.store_id,
        s.product_id,
        round(least(greatest(1 / (s.conversion * s.quantity), g.least), g.most), 2),
        jsonb_build_object(
            'messages', s.messages,
            'purchases', s.purchases,
            'category_messages', s.category_messages,
            'category_purchases', s.category_purchases,
            'conversion', round(s.conversion, 4),
            'quantity', round(s.quantity, 2)
        )
    from estimated as s
    cross join given as g
$$;
comment on function restock.wave_size_by_evidence is
'Waves by evidence (notify_per_unit = auto): how many shoppers to tell for each unit, so that a wave may be expected to'
' buy what there is: 1 / (conversion x units asked for on average), from 0.1 to 50. The conversion is the mean of a'
' Beta posterior: (purchases + 40 c) / (messages + 40), with c = (purchases + 2) / (messages + 40) of the other'
' products of the category; a purchase counts within 72 hours of the message, messages count for 180 days.';

-- ---------------------------------------------------------------------------------------------
-- Decisions in words: the pieces of mart.decision_explained. They read no table, and what they call is found when
-- they are made, so that analysts may run them, who may not look into this schema.
-- ---------------------------------------------------------------------------------------------

create function restock.say_day(moment timestamptz, zone text, near timestamptz) returns text
language sql stable parallel safe
return to_char(
    moment at time zone zone,
    case
        when date_part('year', moment at time zone zone) = date_part('year', near at time zone zone) then 'FMDD FMMonth'
        else 'FMDD FMMonth YYYY'
    end
);
comment on function restock.say_day is
'A day on a wall clock, such as 3 May; with the year where it is not that of near.';

create function restock.say_time(moment timestamptz, zone text, near timestamptz) returns text
language sql stable parallel safe
return case
    when (moment at time zone zone)::date <> (near at time zone zone)::date
        then restock.say_day(moment, zone, near) || ' '
    else ''
end || to_char(moment at time zone zone, 'HH24:MI');
comment on function restock.say_time is
'A time on a wall clock, such as 08:40; with the day where it is not that of near.';

create function restock.say_number(number bigint) returns text
language sql immutable parallel safe
return coalesce(
    (array['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'])[number], number::text
);
comment on function restock.say_number is 'A number of things: one to ten in words.';

create function restock.say_ordinal(number bigint) returns text
language sql immutable parallel safe
return coalesce(
    (array['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth'])[number],
    concat(
        number,
        case
            when mod(number, 100) between 11 and 13 then 'th'
            else coalesce((array['st', 'nd', 'rd'])[mod(number, 10)], 'th')
        end
    )
);
comment on function restock.say_ordinal is 'A place in a row: first to tenth in words, then 11th.';

create function restock.say_step(
    rule text,
    came_at timestamptz,
    left_at timestamptz,
    place integer,
    wave integer,
    in_waves boolean,
    channel text,
    zone text,
    near timestamptz
) returns text
language sql stable parallel safe
return case rule
    when 'no_channel' then 'no messages leave on ' || channel
    when 'no_address' then 'no address for ' || channel || ' is known'
    when 'cooldown'
        then 'told about this product shortly before, so not again until ' || restock.say_time(left_at, zone, near)
    when 'holdout' then 'left out by lot, so that the effect of the messages can be measured'
    when 'queue'
        then 'place ' || place || case when in_waves then ', ' || restock.say_ordinal(wave + 1) || ' wave' else '' end
    when 'waves' then restock.say_time(left_at, zone, near)
    when 'now' then 'planned ' || restock.say_time(left_at, zone, near)
    when 'quiet_hours' then 'quiet hours until ' || restock.say_time(left_at, zone, near) || ' in ' || zone
    when 'daily_cap'
        then
            'daily limit reached on ' || restock.say_day(came_at, zone, near) || ', so '
            || restock.say_time(left_at, zone, near)
    when 'max_delay'
        then 'daily limit reached on ' || restock.say_day(came_at, zone, near) || ' and the next day too late'
    when 'digest' then 'waits until ' || restock.say_time(left_at, zone, near) || ' to go with other products'
end;
comment on function restock.say_step is 'One step of decision.trace in words.';

create function restock.say_trace(
    trace text, opened_at timestamptz, place integer, wave integer, in_waves boolean, channel text, zone text
) returns text
language sql stable parallel safe
return (
    select
        string_agg(
            concat(
                case when s.rule = 'waves' then ', ' else '; ' end,
                'looked at ' || restock.say_time(s.look_at, zone, opened_at) || ': ', -- noqa: RF03
                restock.say_step(
                    s.rule, s.came_at, s.left_at, place, wave, in_waves, channel, zone, opened_at -- noqa: RF03
                )
            ),
            '' order by s.step
        )
    from restock.read_trace(trace, opened_at) as s -- noqa: RF03
    where
        -- Some seconds pass between the opening and the planning; they are not worth a word.
        not (s.rule = 'now' and s.left_at - s.came_at < interval '2 minutes')
        and not (s.rule = 'digest' and s.left_at is null)
);
comment on function restock.say_trace is 'The steps of decision.trace in words, each behind "; ".';

create function restock.say_ending(status text, closed_at timestamptz, zone text, near timestamptz) returns text
language sql stable parallel safe
return case status
    when 'cancelled' then 'withdrawn by the shopper on '
    when 'expired' then 'expired on '
    when 'purchased' then 'ended, because the shopper had bought it, on '
    when 'suppressed' then 'ended, because the address must not be written to, on '
end || restock.say_day(closed_at, zone, near) || to_char(closed_at at time zone zone, ' HH24:MI');
comment on function restock.say_ending is 'How a request ended without a message, and when.';

create function restock.say_company(others bigint) returns text
language sql immutable parallel safe
return case
    when others = 1 then ' with one other product'
    when others > 1 then ' with ' || restock.say_number(others) || ' other products'
end;
comment on function restock.say_company is 'What else stands in a message; null where nothing does.';

create function restock.say_message(
    status text,
    status_at timestamptz,
    due_at timestamptz,
    attempt_count integer,
    others bigint,
    provider_code text,
    sold_out_at timestamptz,
    zone text,
    near timestamptz
) returns text
language sql stable parallel safe
return case
    when status = 'sent'
        then concat(
            '; sent ',
            restock.say_time(status_at, zone, near),
            restock.say_company(others),
            case when attempt_count > 1 then ', at the ' || restock.say_ordinal(attempt_count) || ' attempt' end
        )
    when status = 'dead'
        then concat(
            '; given up ',
            restock.say_time(status_at, zone, near),
            ': not taken by the provider',
            ' (code ' || provider_code || ')'
        )
    when status = 'claimed'
        then concat('; being sent since ', restock.say_time(status_at, zone, near), restock.say_company(others))
    when sold_out_at is not null
        then concat(
            '; sold out ',
            restock.say_time(sold_out_at, zone, near),
            ' before it was sent, so it waits for the next restock'
        )
    when status = 'failed'
        then concat(
            '; not taken by the provider ',
            restock.say_time(status_at, zone, near),
            ' (code ' || provider_code || ')',
            ', to be sent again'
        )
    else concat('; to be sent ', restock.say_time(due_at, zone, near), restock.say_company(others))
end;
comment on function restock.say_message is 'How far the message of a decision has come.';

create function restock.say_drop(
    rule text,
    ended text,
    ended_at timestamptz,
    dropped_at timestamptz,
    sold_out_at timestamptz,
    zone text,
    near timestamptz
) returns text
language sql stable parallel safe
return case
    when rule = 'sold_out'
        then concat(
            '; sold out ',
            restock.say_time(sold_out_at, zone, near),
            ' before it was sent, so it waits for the next restock'
        )
    when rule = 'cooldown' then '; answered by another message before this one was sent'
    when rule = 'no_address'
        then concat('; without an address ', restock.say_time(dropped_at, zone, near), ', when it was to be sent')
    when rule = ended then concat('; ', restock.say_ending(ended, ended_at, zone, near), ', before it was sent')
    else concat('; taken out ', restock.say_time(dropped_at, zone, near), ', before it was sent: ', rule)
end;
comment on function restock.say_drop is 'Why the last look took something out of its message.';
