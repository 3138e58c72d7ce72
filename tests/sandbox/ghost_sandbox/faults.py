"""Failures on request: of calls (before, after or instead of the reply) and of resources."""
import itertools
import random
import threading

from . import pages, spoiling
from .s3.reply import SPOILED

CALL_KINDS = ("before", "after", "reset-before", "reset", "truncate", "garbage", "delay", "hold-before", "hold-after",
              *spoiling.KINDS, *SPOILED, "stale", *pages.KINDS)
LONGEST_HOLD = 3600
RESOURCE_KINDS = {
    "invisible": "the next instance is not found for `polls` describes",
    "flapping": "the next instance is there for every other one of `polls` looks",
    "late-tags": "what is made next shows no tags for `polls` describes of its kind",
    "launch-fails": "the next instance goes from pending to terminated with the reason `error`",
    "stuck-pending": "the next instance stays pending",
    "stuck-stopping": "the next stop ends only with Force",
    "group-launch-fails": "the next launch of an Auto Scaling group in a subnet is refused with `error`",
    "image-fails": "the next image goes from pending to failed with the reason `error`",
    "stuck-initial": "the next target that is registered stays initial",
    "stuck-draining": "the next target that is deregistered drains for ever",
    "stuck-image": "the next image stays pending",
}


SELECTORS = ("service", "action", "account", "presigned")


class Fault:
    """One rule: which calls (as the selectors have it; the nth matching one and count - 1 after it; count 0 = for ever; of those
    a share of `probability`, by the generator that `seed` starts) and what happens."""

    def __init__(self, rule):
        for name in SELECTORS:
            setattr(self, name, rule.get(name))
        self.when = rule.get("when", "before")
        self.nth = int(rule.get("nth", 1))
        self.count = int(rule.get("count", 1))
        self.error = rule.get("error", "InternalError")
        self.message = rule.get("message", "An internal error has occurred")
        self.status = int(rule.get("status", 500))
        self.seconds = float(rule.get("seconds", 0))
        self.polls = int(rule.get("polls", 1))
        self.body = rule.get("body")
        self.headers = {str(name): str(value) for name, value in rule.get("headers", {}).items()}
        self.probability = float(rule.get("probability", 1))
        self.seed = rule.get("seed", 0)
        self._random = random.Random(self.seed)
        self.seen = 0
        if self.when not in CALL_KINDS and self.when not in RESOURCE_KINDS:
            raise ValueError(f"when: one of {', '.join([*CALL_KINDS, *RESOURCE_KINDS])}")

    def fits(self, facts):
        return all(getattr(self, name) in (None, facts.get(name)) for name in SELECTORS)

    def hit(self):
        """Counts one match; true if it is this fault's turn."""
        self.seen += 1
        turn = self.seen >= self.nth and (self.count == 0 or self.seen < self.nth + self.count)
        return turn and self._random.random() < self.probability

    def shape(self):
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}


class Faults:
    """The rules in force."""

    def __init__(self):
        self._lock = threading.Lock()
        self._rules = []
        self._held = {}
        self._numbers = itertools.count(1)

    def add(self, rule):
        unknown = set(rule) - {*SELECTORS, "when", "nth", "count", "error", "message", "status", "seconds",
                               "polls", "body", "headers", "probability", "seed"}
        if unknown:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
        fault = Fault(rule)
        with self._lock:
            self._rules.append(fault)

    def clear(self):
        with self._lock:
            self._rules.clear()

    def shapes(self):
        with self._lock:
            return [fault.shape() for fault in self._rules]

    def for_call(self, service, action, begins=True, **facts):
        """The first fault whose turn this call is. begins: it asks for the first page, if there are pages; facts: its account, and
        whether it is presigned."""
        facts.update(service=service, action=action)
        with self._lock:
            matching = [fault for fault in self._rules if fault.when in CALL_KINDS and fault.fits(facts)
                        and (begins or fault.when not in pages.FIRST_KINDS)]
            hits = [fault for fault in matching if fault.hit()]
            return hits[0] if hits else None

    def for_resource(self, kind):
        with self._lock:
            hits = [fault for fault in self._rules if fault.when == kind and fault.hit()]
            return hits[0] if hits else None

    def hold(self, service, action, when, connection):
        """Stays in here until the call is released or its client is gone; whether it was released."""
        released = threading.Event()
        with self._lock:
            number = next(self._numbers)
            self._held[number] = ({"id": number, "service": service, "action": action, "when": when}, released)
        try:
            spoiling.wait_for_client(connection, LONGEST_HOLD, released)
        finally:
            with self._lock:
                self._held.pop(number, None)
        return released.is_set()

    def held(self):
        with self._lock:
            return [shape for shape, _ in self._held.values()]

    def release(self, number=None):
        """Lets the held call of that number go on, or all of them; returns how many."""
        with self._lock:
            chosen = [released for key, (_, released) in self._held.items() if number in (None, key)]
        for released in chosen:
            released.set()
        return len(chosen)
