-- Purpose: leave out the episodes that the lost part of the warehouse numbered. The id of a message is made of an
--          episode and a request: with an episode's number given again, two messages would be one to every provider.
-- Grain:   one row: the last number that is left out.
with sequence as (
    select pg_get_serial_sequence('restock.episode', 'episode_id')::regclass as sequence_name
)

select setval(sequence_name, nextval(sequence_name) + 1000000000) as episode_id
from sequence
