"""Time as the cloud's resources see it: how long each transition takes, and timers for them."""
import datetime
import heapq
import itertools
import threading
import time

# Seconds at speed 1: shorter than AWS, long enough that every state can be seen.
DURATIONS = {
    "pending": 3.0,
    "stopping": 2.0,
    "shutting-down": 2.0,
    "image": 6.0,
    "stop-grace": 10.0,
    "status-check": 4.0,
    "restart-backoff": 0.5,
    "group-step": 1.0,
    "group-backoff": 5.0,
    "refresh-patience": 600.0,
}


def utc_text(timestamp=None):
    """2026-11-23T12:00:00.000Z"""
    when = datetime.datetime.fromtimestamp(time.time() if timestamp is None else timestamp, datetime.timezone.utc)
    return when.strftime("%Y-%m-%dT%H:%M:%S.000Z")


class Clock:
    """Runs functions later, one at a time, on one thread."""

    def __init__(self, speed=1.0):
        self.speed = speed
        self._heap = []
        self._order = itertools.count()
        self._wake = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="clock", daemon=True)

    def start(self):
        self._thread.start()

    def duration(self, name):
        return DURATIONS[name] / self.speed

    def after(self, seconds, function, *args):
        with self._wake:
            heapq.heappush(self._heap, (time.monotonic() + seconds, next(self._order), function, args))
            self._wake.notify()

    def close(self):
        with self._wake:
            self._closed = True
            self._wake.notify()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(10)

    def _next(self):
        """The next due call, or None when the clock is closed."""
        with self._wake:
            while not self._closed:
                if not self._heap:
                    self._wake.wait()
                    continue
                left = self._heap[0][0] - time.monotonic()
                if left <= 0:
                    return heapq.heappop(self._heap)
                self._wake.wait(left)
            return None

    def _run(self):
        while (due := self._next()) is not None:
            try:
                due[2](*due[3])
            except Exception:  # one broken transition must not stop all clocks
                import logging
                logging.getLogger("sandbox").exception("a timed transition failed")
