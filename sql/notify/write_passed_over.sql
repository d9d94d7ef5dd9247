-- Purpose: record why requests are not told now. They go on waiting.
-- Binds:   clock, policy_id.
-- Needs:   passed_over (episode_id, request_key, outcome, rule).
insert into restock.decision (episode_id, request_key, outcome, rule, policy_id, decided_at)
select
    episode_id,
    request_key,
    outcome,
    rule,
    %(policy_id)s,
    %(clock)s
from passed_over
order by episode_id, request_key
on conflict (episode_id, request_key) do update
    set
        outcome = excluded.outcome,
        rule = excluded.rule,
        policy_id = excluded.policy_id,
        decided_at = excluded.decided_at
    where decision.rule is distinct from excluded.rule
