"""Gates: a feed that is late, or brought what cannot be, holds what depends on it until it is right or released."""

from restock.gates.judge import StandingGate, judge_feeds, judge_file, release_gate, standing_gates

__all__ = ["StandingGate", "judge_feeds", "judge_file", "release_gate", "standing_gates"]
