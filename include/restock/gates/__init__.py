"""Gates: a feed that is late, or brought what cannot be, holds what depends on it until it is right or released."""

from restock.gates.judge import StandingGate, judge_feeds, judge_file, log_gates, release_gate

__all__ = ["StandingGate", "judge_feeds", "judge_file", "log_gates", "release_gate"]
