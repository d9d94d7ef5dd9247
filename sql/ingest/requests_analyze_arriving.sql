-- Purpose: tell the planner how many requests arrive before they are merged.
-- Needs:   arriving.
analyze arriving
