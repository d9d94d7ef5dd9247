-- Purpose: let go of what was prepared, to prepare it again.
-- Needs:   known, withdrawal, arriving.
drop table known, withdrawal, arriving
