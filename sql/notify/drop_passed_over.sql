-- Purpose: take out the decisions that passed requests over, where the new look decides otherwise. The new decision
--          carries what they said in its trace.
-- Needs:   looked_at_again (episode_id, request_key).
delete from restock.decision as d
using looked_at_again as l
where d.episode_id = l.episode_id and d.request_key = l.request_key
