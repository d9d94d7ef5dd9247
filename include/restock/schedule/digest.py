"""Rule 8: which items go into one message, and which wait for another day because of the daily cap.

The rule takes a shopper's items one after the other. Here every shopper takes one step at a time, all shoppers
together: in a step the first item of each shopper opens a message and draws in all that belong to it, or finds
its day full and moves, with what is left of that day, to the next. The number of steps is that of the messages of
the busiest shopper, never that of the rows. Shoppers with messages of earlier runs that could take items, and those
with items on several wall clocks, take one item a step: there an item can come in between.

An item joins the message of an earlier run before one of this run, and the one that was due first before others. The
settings of the item that opened a message decide its window; otherwise each item goes by its own.
"""

from dataclasses import dataclass, field

import numpy as np

from restock.schedule.clocks import WallClocks
from restock.schedule.codes import Bools, Ints, combine, starts_of

# Days since 1970 fit below this bit, so that one number names a day of a shopper or a group.
_DAY_BITS = 20


def _on_day(codes: Ints, days: Ints) -> Ints:
    return (codes << _DAY_BITS) | days


@dataclass(frozen=True)
class Items:
    """What rule 8 needs to know of each item; times and spans in microseconds.

    Attributes:
        user: Number of the shopper, from 0.
        group: Number of the shopper's store, channel and contact.
        clock: Number of the wall clock (zone and quiet hours) in `WallClocks`.
        due: When it is due after rule 7.
        order: Decides between items of a shopper that are due at the same time; no two are the same.
        window: Digest window.
        cap: Messages a day; 0 for no cap.
        latest: How long it may be delayed.
    """

    user: Ints
    group: Ints
    clock: Ints
    due: Ints
    order: Ints
    window: Ints
    cap: Ints
    latest: Ints


@dataclass(frozen=True)
class Earlier:
    """Messages of the shoppers from earlier runs, numbered as in `Items`; day counts from 1970."""

    user: Ints
    group: Ints
    day: Ints
    first: Ints
    last: Ints
    window: Ints
    joinable: Bools
    key: Ints


@dataclass
class Digest:
    """Outcome of rule 8.

    Attributes:
        message: For each item the number of its message; -1 where it is capped. The messages of earlier runs come
            first, in the order given.
        scheduled: When each item is due. Where it is capped: the time that would have been too late.
        moves: Each time items were moved: their positions, and the times they moved to.
        opener: For each message the position of the item that opened it; -1 for one of an earlier run.
        first, last: Due time of each message's first and last item.
        day: Local day of each message, since 1970.
    """

    message: Ints
    scheduled: Ints
    opener: Ints
    first: Ints
    last: Ints
    day: Ints
    moves: list[tuple[Ints, Ints]] = field(default_factory=list)


def build_digests(items: Items, earlier: Earlier, clocks: WallClocks) -> Digest:
    """Apply rule 8 to all items of some shoppers, given all their messages of earlier runs that count."""
    state = _State(items, earlier, clocks)
    while len(state.active):
        state.step()
    return state.result()


class _Ledger:
    """A number for each of some keys. Adding keys that it does not know costs as much as it knows."""

    def __init__(self, keys: Ints, default: int) -> None:
        self._keys = np.unique(keys)
        self._values = np.full(len(self._keys), default, np.int64)
        self._default = default

    def get(self, keys: Ints) -> Ints:
        if not len(self._keys):
            return np.full(len(keys), self._default, np.int64)
        at = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        return np.where(self._keys[at] == keys, self._values[at], self._default)

    def put(self, keys: Ints, values: Ints) -> None:
        """Set the numbers of distinct keys."""
        at = np.searchsorted(self._keys, keys)
        known = np.zeros(len(keys), np.bool_)
        inside = at < len(self._keys)
        known[inside] = self._keys[at[inside]] == keys[inside]
        self._values[at[known]] = values[known]
        if not known.all():
            new = np.argsort(keys[~known])
            place = np.searchsorted(self._keys, keys[~known][new])
            self._keys = np.insert(self._keys, place, keys[~known][new])
            self._values = np.insert(self._values, place, values[~known][new])


class _State:
    """Items in the order in which each shopper's are looked at, and the messages so far."""

    def __init__(self, items: Items, earlier: Earlier, clocks: WallClocks) -> None:
        self.clocks = clocks
        _, due_code = np.unique(items.due, return_inverse=True)
        self.sorted = np.argsort(combine(items.user, due_code, items.order))
        self.user, self.group, self.clock, self.due, self.order, self.window, self.cap, self.latest = (
            column[self.sorted]
            for column in (
                items.user, items.group, items.clock, items.due, items.order, items.window, items.cap, items.latest
            )
        )  # fmt: skip
        self.time = self.due.copy()
        self.day = clocks.local_day(self.time, self.clock)
        self.message = np.full(len(self.user), -1, np.int64)
        self.active = np.arange(len(self.user))
        self.moves: list[tuple[Ints, Ints]] = []

        self.earlier_count = len(earlier.user)
        # Messages: those of earlier runs, then one for each item that may open one.
        room = np.zeros(len(self.user), np.int64)
        self.opener = np.concatenate([np.full(self.earlier_count, -1, np.int64), room])
        self.first = np.concatenate([earlier.first, room])
        self.last = np.concatenate([earlier.last, room])
        self.message_day = np.concatenate([earlier.day, room])
        self.message_window = np.concatenate([earlier.window, room])
        self.message_count = self.earlier_count

        self._find_joinable(earlier)
        self.on_day = _Ledger(np.empty(0, np.int64), 0)
        if self.cap.any():
            days, counts = np.unique(_on_day(earlier.user, earlier.day), return_counts=True)
            self.on_day = _Ledger(np.concatenate([days, _on_day(self.user, self.day)]), 0)
            self.on_day.put(days, counts)

    def _find_joinable(self, earlier: Earlier) -> None:
        """The messages that take items, by group and day, and the shoppers who have to take one item a step."""
        (joinable,) = np.nonzero(earlier.joinable)
        group_day = _on_day(earlier.group[joinable], earlier.day[joinable])
        order = np.lexsort((earlier.key[joinable], earlier.first[joinable], group_day))
        self.joinable, self.joinable_keys = joinable[order], group_day[order]
        self.latest_of = _Ledger(np.empty(0, np.int64), -1)
        self.careful = np.zeros(int(max(self.user.max(initial=-1), earlier.user.max(initial=-1))) + 1, np.bool_)
        self.careful[earlier.user[joinable]] = True
        same = ~starts_of(self.user)
        mixed = np.zeros(len(same), np.bool_)
        mixed[1:] = (self.clock[1:] != self.clock[:-1]) | (self.day[1:] < self.day[:-1])
        self.careful[self.user[same & mixed]] = True

    def step(self) -> None:
        """One step of every shopper who has items left."""
        user = self.user[self.active]
        starts = starts_of(user)
        segment = np.cumsum(starts) - 1
        heads = self.active[starts]
        alone = self.careful[self.user[heads]]
        if alone.any():
            self._join(heads[alone])
        left = self.message[heads] < 0
        sent = self.on_day.get(_on_day(self.user[heads], self.day[heads])) if self.cap.any() else heads * 0
        full = left & (self.cap[heads] > 0) & (sent >= self.cap[heads])
        opening = left & ~full
        self._open(heads, opening, alone, sent, segment)
        if not full.any():
            self.active = self.active[self.message[self.active] < 0]
            return
        late = self._move(heads, full, alone, sent, segment)
        stays = (self.message[self.active] < 0) & ~late
        self.active = self.active[stays]
        self._sort_again(full[segment][stays])

    def _join(self, heads: Ints) -> None:
        """Let single items join a message: of an earlier run, the first due first, or else of this run."""
        keys = _on_day(self.group[heads], self.day[heads])
        at, end = np.searchsorted(self.joinable_keys, keys), np.searchsorted(self.joinable_keys, keys, "right")
        while (here := (at < end) & (self.message[heads] < 0)).any():
            self._join_where_it_fits(heads[here], self.joinable[at[here]])
            at += 1
        waiting = heads[self.message[heads] < 0]
        # No message but the last of a group and day can take an item that comes later.
        latest = self.latest_of.get(_on_day(self.group[waiting], self.day[waiting]))
        self._join_where_it_fits(waiting[latest >= 0], latest[latest >= 0])

    def _join_where_it_fits(self, items: Ints, messages: Ints) -> None:
        first = np.minimum(self.first[messages], self.time[items])
        last = np.maximum(self.last[messages], self.time[items])
        fits = last - first <= self.message_window[messages]
        self.message[items[fits]] = messages[fits]
        self.first[messages[fits]], self.last[messages[fits]] = first[fits], last[fits]

    def _open(self, heads: Ints, opening: Bools, alone: Bools, sent: Ints, segment: Ints) -> None:
        """Let items open messages, which draw in what belongs to them."""
        openers = heads[opening]
        number = np.arange(self.message_count, self.message_count + len(openers))
        self.message_count += len(openers)
        self.message[openers] = number
        self.opener[number] = openers
        self.first[number] = self.last[number] = self.time[openers]
        self.message_day[number], self.message_window[number] = self.day[openers], self.window[openers]
        if self.cap.any():
            self.on_day.put(_on_day(self.user[openers], self.day[openers]), sent[opening] + 1)
        single = alone[opening]
        self.latest_of.put(_on_day(self.group[openers[single]], self.day[openers[single]]), number[single])
        drawing = np.full(len(heads), -1, np.int64)
        drawing[opening] = np.where(single, -1, number)
        of_item = drawing[segment]
        drawn = (of_item >= 0) & (self.message[self.active] < 0)
        items, to = self.active[drawn], of_item[drawn]
        belongs = (
            (self.group[items] == self.group[self.opener[to]])
            & (self.day[items] == self.message_day[to])
            & (self.time[items] <= self.first[to] + self.message_window[to])
        )
        items, to = items[belongs], to[belongs]
        self.message[items] = to
        # Items stand in the order of their times, and of several values numpy keeps the last.
        self.last[to] = self.time[items]

    def _move(self, heads: Ints, full: Bools, alone: Bools, sent: Ints, segment: Ints) -> Bools:
        """Move what finds its day full to the next day. Which of the active items that delays too long."""
        blocked = (
            (full & ~alone)[segment]
            & (self.day[self.active] == self.day[heads][segment])
            & (self.cap[self.active] > 0)
            & (sent[segment] >= self.cap[self.active])
        )
        place = np.arange(len(segment))
        begin = np.flatnonzero(starts_of(segment))
        # An item with a higher cap may still open a message that takes those behind it.
        stop = np.minimum.reduceat(np.where(blocked, len(segment), place), begin)
        moving = blocked & (place < stop[segment])
        moving[begin[full & alone]] = True
        items = self.active[moving]
        later = self.clocks.next_day(self.day[items], self.clock[items])
        self.time[items], self.day[items] = later, self.clocks.local_day(later, self.clock[items])
        self.moves.append((self.sorted[items], later))
        late = np.zeros(len(segment), np.bool_)
        late[moving] = later > self.due[items] + self.latest[items]
        return late

    def _sort_again(self, moved: Bools) -> None:
        """Put the items of shoppers some of whose moved back into order."""
        items = self.active[moved]
        self.active[moved] = items[np.lexsort((self.order[items], self.time[items], self.user[items]))]

    def result(self) -> Digest:
        count = self.message_count
        message, scheduled = np.empty_like(self.message), np.empty_like(self.time)
        message[self.sorted], scheduled[self.sorted] = self.message, self.time
        opener = self.opener[:count].copy()
        opener[self.earlier_count :] = self.sorted[opener[self.earlier_count :]]
        return Digest(
            message, scheduled, opener, self.first[:count], self.last[:count], self.message_day[:count], self.moves
        )
