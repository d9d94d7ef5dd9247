"""A preview as a table to read."""

from collections import Counter
from datetime import datetime
from itertools import groupby

from restock.preview.replay import Replay
from restock.preview.result import CurvePoint, PreviewResult, Side

_WIDTH = 30
_BAR = 40
MOST_SELL_OUTS = 10
MOST_HOURS = 72
MOST_DEVIATIONS = 20


def render(result: PreviewResult) -> str:
    """The whole preview in lines of at most 100 characters, with a bar for each hour."""
    lines = [f"From {_moment(result.since)} to {_moment(result.until)} (UTC){', past' if result.replayed else ''}", ""]
    lines += [f"  {name}: {old!r} → {new!r}" for name, (old, new) in result.changed.items()]
    if not result.changed:
        lines.append("  Nothing is changed: both sides are the policy in force.")
    lines += ["", f"{'':<{_WIDTH}}{'in force':>14}{'changed':>14}"]
    lines += [f"{name:<{_WIDTH}}{old:>14}{new:>14}" for name, old, new in _rows(result.in_force, result.proposed)]
    lines += ["", *_difference(result), *_curve(result), *_sell_outs(result), ""]
    return "\n".join(lines + [f"- {note}" for note in result.notes])


def render_replay(result: Replay) -> str:
    """Whether a replay came out the same, and else where not."""
    lines = [f"{result.decisions} decisions of {result.runs} runs made again: {len(result.deviations)} deviations."]
    lines += [
        f"  {deviation.request_id} in episode {deviation.episode_id}: {deviation.what} was {deviation.recorded},"
        f" now {deviation.replayed}"
        for deviation in result.deviations[:MOST_DEVIATIONS]
    ]
    return "\n".join(lines)


def _moment(moment: datetime | None) -> str:
    return "never" if moment is None else f"{moment:%Y-%m-%d %H:%M}"


def _rows(old: Side, new: Side) -> list[tuple[str, str, str]]:
    names = sorted({*old.requests, *new.requests} - {"told"})
    rows: list[tuple[str, object, object]] = [
        ("requests told", old.requests.get("told", 0), new.requests.get("told", 0)),
        *((f"  not told: {name}", old.requests.get(name, 0), new.requests.get(name, 0)) for name in names),
        ("shoppers told", old.shoppers, new.shoppers),
        ("messages", old.messages, new.messages),
        ("waves", old.waves, new.waves),
        ("largest wave", old.largest_wave, new.largest_wave),
        ("restocks planned", old.episodes, new.episodes),
        ("restocks held by a gate", old.held_episodes, new.held_episodes),
        ("expected sell-outs", len(old.sell_outs), len(new.sell_outs)),
        ("last message", _moment(old.last_at)[5:], _moment(new.last_at)[5:]),
    ]
    return [(name, str(before), str(after)) for name, before, after in rows]


def _difference(result: PreviewResult) -> list[str]:
    change = result.difference
    lines = [
        f"Told only under the changed policy: {_by_rule(change.newly_told, 'now kept by')}",
        f"Told only under the policy in force: {_by_rule(change.no_longer_told, 'then kept by')}",
        f"Told at another time: {change.earlier} earlier, {change.later} later"
        + (f" (median {change.median_shift_minutes:+g} minutes)" if change.earlier + change.later else ""),
    ]
    return lines + [f"{name}: {' '.join(ids)}" for name, ids in change.request_ids.items() if ids]


def _by_rule(counts: dict[str, int], why: str) -> str:
    if not counts:
        return "nobody"
    return f"{sum(counts.values())} ({why} " + ", ".join(f"{rule} {count}" for rule, count in counts.items()) + ")"


def _curve(result: PreviewResult) -> list[str]:
    old, new = (_by_hour(side) for side in (result.in_force, result.proposed))
    hours = sorted({*old, *new})
    most = max([*old.values(), *new.values()], default=0)
    if not hours:
        return []
    lines = ["", "Requests answered in each hour (UTC): in force ░, changed █"]
    for hour in hours[:MOST_HOURS]:
        for bar, counts in (("░", old), ("█", new)):
            label = f"{hour:%m-%d %H:00}" if bar == "░" else ""
            lines.append(f"{label:<12}{counts[hour]:>8} {bar * round(counts[hour] / most * _BAR)}".rstrip())
    if len(hours) > MOST_HOURS:
        lines.append(f"and {len(hours) - MOST_HOURS} more hours")
    return lines


def _by_hour(side: Side) -> Counter[datetime]:
    return Counter({hour: sum(point.requests for point in of_hour) for hour, of_hour in groupby(side.curve, _hour)})


def _hour(point: CurvePoint) -> datetime:
    return point.hour


def _sell_outs(result: PreviewResult) -> list[str]:
    lines = []
    for title, side in (("in force", result.in_force), ("changed", result.proposed)):
        if side.sell_outs:
            lines += ["", f"Expected to sell out, {title}:"]
        for sell_out in side.sell_outs[:MOST_SELL_OUTS]:
            lines.append(
                f"  {_moment(sell_out.at)}  {sell_out.store_id}/{sell_out.product_id}: {sell_out.units} units, "
                f"{sell_out.told_after} would be told after that"
            )
        if len(side.sell_outs) > MOST_SELL_OUTS:
            lines.append(f"  and {len(side.sell_outs) - MOST_SELL_OUTS} more")
    return lines
