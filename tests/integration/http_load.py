"""A constant load of HTTP requests on loopback, bounded in rate, threads and time; every request that fails is kept."""
import collections
import http.client
import threading
import time


class HttpLoad:
    """GETs of host:port at so many a second, over kept connections (or one for each), from `with` to its end."""

    def __init__(self, host, port, path="/", rate=100, threads=4, most_seconds=600, kept=True):
        self.host, self.port, self.path, self.kept = host, port, path, kept
        self.pause = threads / rate
        self.most_seconds = most_seconds
        self.counts = collections.Counter()  # body: how often
        self.failures = []
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self.run, daemon=True) for _ in range(threads)]

    def __enter__(self):
        self.end = time.monotonic() + self.most_seconds
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join(30)

    @property
    def total(self):
        with self.lock:
            return sum(self.counts.values()) + len(self.failures)

    def run(self):
        connection = None
        due = time.monotonic()
        while not self.stopping.is_set() and time.monotonic() < self.end:
            connection = connection or http.client.HTTPConnection(self.host, self.port, timeout=20)
            try:
                connection.request("GET", self.path)
                answer = connection.getresponse()
                body = answer.read()
                problem = None if answer.status == 200 else f"{answer.status}"
                if answer.will_close or not self.kept:
                    connection.close()
                    connection = None
            except (OSError, http.client.HTTPException) as error:
                problem, body = repr(error), b""
                connection.close()
                connection = None
            with self.lock:
                if problem:
                    self.failures.append((round(time.time(), 3), problem))
                else:
                    self.counts[body] += 1
            due = max(due + self.pause, time.monotonic() - 1)
            self.stopping.wait(max(0, due - time.monotonic()))
        if connection:
            connection.close()
