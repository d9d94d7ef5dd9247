-- Purpose: the summary behind mart.policy_effect. The two groups are what the lot made them: of the shoppers who were
--          not held out everybody counts who got a place in the queue, whatever became of the message afterwards, and
--          for both groups the seven days run from the decision. (Whoever counted the sent messages only would leave
--          out of one group, and not of the other, those who bought before their message left.)
-- Binds:   clock.
-- Grain:   one row a policy.
insert into restock.mart_effect (
    policy_id,
    decided_count,
    sent_count,
    pending_count,
    told_count,
    told_bought_count,
    held_out_count,
    held_out_bought_count
)
with shopper as (
    select
        d.policy_id,
        r.user_id,
        d.episode_id,
        r.store_id,
        r.product_id,
        bool_or(d.rule = 'holdout') as is_held_out,
        min(d.decided_at) as decided_at,
        min(d.decided_at) <= %(clock)s - interval '7 days' as is_over
    from restock.decision as d
    inner join restock.request as r on d.request_key = r.request_key
    where d.rule = 'holdout' or d.position is not null
    group by d.policy_id, r.user_id, d.episode_id, r.store_id, r.product_id
),

bought as (
    select distinct
        s.policy_id,
        s.user_id,
        s.episode_id
    from shopper as s
    inner join restock.purchase as p
        on
            s.user_id = p.user_id
            and s.store_id = p.store_id
            and s.product_id = p.product_id
            and s.decided_at < p.ordered_at
            and s.decided_at + interval '7 days' >= p.ordered_at
),

measured as (
    select
        s.policy_id,
        count(*) filter (where not s.is_over) as pending_count,
        count(*) filter (where s.is_over and not s.is_held_out) as told_count,
        count(b.user_id) filter (where s.is_over and not s.is_held_out) as told_bought_count,
        count(*) filter (where s.is_over and s.is_held_out) as held_out_count,
        count(b.user_id) filter (where s.is_over and s.is_held_out) as held_out_bought_count
    from shopper as s
    left join bought as b
        on s.policy_id = b.policy_id and s.user_id = b.user_id and s.episode_id = b.episode_id
    group by s.policy_id
),

decided as (
    select
        policy_id,
        count(*) as decided_count
    from restock.decision
    group by policy_id
),

sent as (
    select
        policy_id,
        count(*) as sent_count
    from sent_now
    group by policy_id
)

select
    d.policy_id,
    d.decided_count,
    coalesce(s.sent_count, 0) as sent_count,
    coalesce(m.pending_count, 0) as pending_count,
    coalesce(m.told_count, 0) as told_count,
    coalesce(m.told_bought_count, 0) as told_bought_count,
    coalesce(m.held_out_count, 0) as held_out_count,
    coalesce(m.held_out_bought_count, 0) as held_out_bought_count
from decided as d
left join sent as s on d.policy_id = s.policy_id
left join measured as m on d.policy_id = m.policy_id
