-- Purpose: remember the last place given in the queue of each episode, so that later requests follow on behind.
-- Needs:   placed_episode (episode_id, last_position).
update restock.episode
set last_position = p.last_position
from placed_episode as p
where episode.episode_id = p.episode_id
