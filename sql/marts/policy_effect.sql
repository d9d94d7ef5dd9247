-- Purpose: mart.policy_effect, what the messages under each version of the settings brought about, measured against
--          those who were held out by lot.
-- Grain:   one row a policy.
create or replace view mart.policy_effect as
with measured as (
    select
        policy_id,
        decided_count,
        sent_count,
        pending_count,
        told_count,
        told_bought_count,
        told_bought_count / nullif(told_count, 0)::numeric as told_rate,
        held_out_count,
        held_out_bought_count,
        held_out_bought_count / nullif(held_out_count, 0)::numeric as held_out_rate,
        told_count >= 30 and held_out_count >= 30 as is_enough
    from restock.mart_effect
),

compared as (
    select
        policy_id,
        told_rate - held_out_rate as lift,
        restock.difference_bound(told_rate, told_count, held_out_rate, held_out_count, -1) as lift_low,
        restock.difference_bound(told_rate, told_count, held_out_rate, held_out_count, 1) as lift_high
    from measured
    where is_enough
)

select
    p.policy_id,
    p.valid_from,
    lead(p.valid_from) over (order by p.policy_id) as valid_until,
    p.changed,
    (p.settings ->> 'holdout_percent')::numeric as holdout_percent,
    coalesce(m.decided_count, 0) as decided_count,
    coalesce(m.sent_count, 0) as sent_count,
    coalesce(m.pending_count, 0) as pending_count,
    coalesce(m.told_count, 0) as told_count,
    coalesce(m.told_bought_count, 0) as told_bought_count,
    round(m.told_rate, 4) as told_rate,
    coalesce(m.held_out_count, 0) as held_out_count,
    coalesce(m.held_out_bought_count, 0) as held_out_bought_count,
    round(m.held_out_rate, 4) as held_out_rate,
    round(c.lift, 4) as lift,
    round(c.lift_low, 4) as lift_low,
    round(c.lift_high, 4) as lift_high,
    p.settings ->> 'quiet_hours' as quiet_hours
from restock.policy as p
left join measured as m on p.policy_id = m.policy_id
left join compared as c on p.policy_id = c.policy_id;
comment on view mart.policy_effect is
'What the messages under each version of the settings brought about: the share of shoppers who bought the product'
' within seven days after the decision, of those who were to be told and of those held out by lot'
' (restock_holdout_percent). Both count as the lot made them, so who was told late or not after all stays with those to'
' be told. The interval of the lift is method 10 of Newcombe, Statistics in Medicine 17 (1998), 873-890; it takes'
' shoppers of different restocks as independent, and is a little narrow where the same few come again and again. Grain:'
' one version. Of mart.refreshed.';
comment on column mart.policy_effect.policy_id is 'Version of the settings.';
comment on column mart.policy_effect.valid_from is 'Since when it was in force.';
comment on column mart.policy_effect.valid_until is 'Until when; null for the one in force.';
comment on column mart.policy_effect.changed is 'Settings that differ from the version before.';
comment on column mart.policy_effect.holdout_percent is
'Share of shoppers held out in each restock, in per cent; overrides aside.';
comment on column mart.policy_effect.decided_count is 'Decisions, each about a request in a restock.';
comment on column mart.policy_effect.sent_count is 'Decisions whose message was sent.';
comment on column mart.policy_effect.pending_count is
'Shoppers of a restock, in either group, whose seven days are not over; they are not counted yet.';
comment on column mart.policy_effect.told_count is 'Shoppers of a restock who were to be told.';
comment on column mart.policy_effect.told_bought_count is 'Those of them who bought.';
comment on column mart.policy_effect.told_rate is 'Their share, 0 to 1.';
comment on column mart.policy_effect.held_out_count is 'Shoppers of a restock who were held out.';
comment on column mart.policy_effect.held_out_bought_count is 'Those of them who bought all the same.';
comment on column mart.policy_effect.held_out_rate is 'Their share, 0 to 1.';
comment on column mart.policy_effect.lift is
'told_rate less held_out_rate: what being told added. Null with fewer than 30 shoppers in either group.';
comment on column mart.policy_effect.lift_low is
'Lower end of its 95 per cent interval; above 0 the messages did sell. Null as lift is.';
comment on column mart.policy_effect.lift_high is 'Upper end of its 95 per cent interval. Null as lift is.';
comment on column mart.policy_effect.quiet_hours is
'When nobody is written to, on the shopper''s own clock; empty for never; overrides aside.';
