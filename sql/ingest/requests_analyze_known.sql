-- Purpose: tell the planner how few of the rows are known: it would take them for thousands, and hash all others.
-- Needs:   known.
analyze known
