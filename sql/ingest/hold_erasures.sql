-- Purpose: let no erasure begin until this transaction ends, or wait for one that runs: a load could write what is
--          erased at this moment. Loads do not wait for each other. Taken before any row is locked.
select pg_advisory_xact_lock_shared(7370011, 0)
