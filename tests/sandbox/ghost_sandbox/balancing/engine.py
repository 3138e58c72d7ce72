"""The load balancers' one thread: it serves the fronts, checks the targets, and knows what is in flight."""
import asyncio
import logging
import ssl
import threading

from .checks import check_for_ever
from .http_proxy import serve_web
from .messages import HEAD_LIMIT
from .routes import Table
from .tunnel import serve_stream

log = logging.getLogger("sandbox")
CONNECTIONS = 2000  # of clients, at once; one more is closed


class Engine:
    """What runs on the loop's thread is marked so; all else may be called from any thread."""

    def __init__(self, ports, report):
        self.table = Table({}, {})
        self.turns = {}  # round robin, by pool or by action
        self._ports = ports
        self._report = report  # (pool and member, reason or None, description), of a health check
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="balancers", daemon=True)
        self._servers = {}  # key of the front → server, or what stands for it while it opens
        self._secure = {}  # key of the front → whether its server speaks TLS
        self._connections = {}  # key of the front → tasks
        self._checks = {}  # (pool, member) → (check, task)
        self._flights = {}  # (pool, member) → tasks
        self._server_tls = None
        self.client_tls = ssl.create_default_context()
        self.client_tls.check_hostname = False
        self.client_tls.verify_mode = ssl.CERT_NONE

    def start(self, certificate, key):
        self._server_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._server_tls.load_cert_chain(certificate, key)
        self._thread.start()

    def apply(self, table, drained=()):
        """From now on requests go by this table. What is in flight to the drained is cut."""
        self.table = table
        self._ports.settle(table.fronts)
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._apply, drained)

    def stop(self):
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(10)
        self._loop.close()

    def in_flight(self, key):
        return len(self._flights.get(key, ()))

    # on the loop's thread

    def _apply(self, drained):
        for key in drained:
            for task in list(self._flights.get(key, ())):
                task.cancel()
        for key in [key for key in self._servers if key not in self.table.fronts]:
            self._ports.drop(key, lambda: self.table.fronts, lambda: self._close(key))
        for key in [key for key in self._servers if self.table.fronts[key].secure != self._secure[key]]:
            self._close(key)
            self._ports.renew(key)
        for key, listener in self._ports.all().items():
            if key not in self._servers and key in self.table.fronts:
                self._servers[key] = opening = object()
                self._secure[key] = self.table.fronts[key].secure
                self._spawn(self._serve(key, listener, opening))
            elif key not in self._servers:
                self._ports.drop(key, lambda: self.table.fronts, listener.close)
        self._settle_checks()

    def _spawn(self, work):
        task = self._loop.create_task(work)
        task.add_done_callback(lambda done: done.cancelled() or done.exception() is None or log.error(
            "the load balancers failed", exc_info=done.exception()))
        return task

    async def _serve(self, key, listener, opening):
        server = await asyncio.start_server(
            lambda reader, writer: self._connected(key, reader, writer), sock=listener, limit=HEAD_LIMIT,
            ssl=self._server_tls if self._secure[key] else None)
        if self._servers.get(key) is opening:
            self._servers[key] = server
        else:
            server.close()

    def _close(self, key):
        server = self._servers.pop(key)
        if isinstance(server, asyncio.Server):
            server.close()
        for task in list(self._connections.pop(key, ())):
            task.cancel()

    async def _connected(self, key, reader, writer):
        front = self.table.fronts.get(key)
        if front is None or sum(map(len, self._connections.values())) >= CONNECTIONS:
            writer.transport.abort()
            return
        task = asyncio.current_task()
        self._connections.setdefault(key, set()).add(task)
        try:
            await (serve_web if front.web else serve_stream)(self, key, reader, writer)
            writer.close()
        except asyncio.CancelledError:
            writer.transport.abort()
        except Exception:
            writer.transport.abort()
            log.exception("a load balancer's connection failed")
        finally:
            self._connections.get(key, set()).discard(task)

    def depart(self, backend):
        """The current task has something in flight to it, until arrive."""
        self._flights.setdefault(backend.key, set()).add(asyncio.current_task())

    def arrive(self, backend):
        tasks = self._flights.get(backend.key, set())
        tasks.discard(asyncio.current_task())
        if not tasks:
            self._flights.pop(backend.key, None)

    def _settle_checks(self):
        wanted = self.table.checks
        for key in [key for key, (check, _) in self._checks.items() if wanted.get(key) != check]:
            self._checks.pop(key)[1].cancel()
        for key, check in wanted.items():
            if key not in self._checks:
                self._checks[key] = (check, self._spawn(check_for_ever(self, key, check, self._report)))

    async def _end(self):
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for key in list(self._servers):
            self._close(key)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=5)
