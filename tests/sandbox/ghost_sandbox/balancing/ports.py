"""Listening sockets and addresses of load balancers, taken when the API call is made so that it can be refused."""
import errno
import logging
import socket
import threading

from ..errors import ApiError
from ..network import GUARD_PORT

log = logging.getLogger("sandbox")
BACKLOG = 512
UNPRIVILEGED_SHIFT = 8000  # an ordinary user's port 80 is served at 8080, 443 at 8443


def bind(address, port):
    listener = socket.socket()
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((address, port))
        except PermissionError:
            listener.bind((address, port + UNPRIVILEGED_SHIFT))
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


class Ports:
    """Sockets by (address, port of the listener). One that is reserved stays until the next table names it, or not."""

    def __init__(self):
        self._lock = threading.Lock()
        self._sockets = {}
        self._reserved = set()
        self._guards = {}

    def reserve(self, address, port):
        key = (address, port)
        with self._lock:
            if key not in self._sockets:
                try:
                    self._sockets[key] = bind(address, port)
                except OSError as problem:
                    told = "is in use" if problem.errno == errno.EADDRINUSE else f"cannot be served: {problem}"
                    raise ApiError("InvalidConfigurationRequest", f"Port {port} of {address} {told}") from problem
            self._reserved.add(key)

    def settle(self, fronts):
        """Opens what a restart left to open; what is no front's is no longer reserved."""
        with self._lock:
            self._reserved.clear()
            for key in fronts:
                if key not in self._sockets:
                    try:
                        self._sockets[key] = bind(*key)
                    except OSError as problem:
                        log.error("load balancer %s cannot serve port %s: %s", *key, problem)

    def all(self):
        with self._lock:
            return dict(self._sockets)

    def drop(self, key, fronts, close):
        """Closes one unless it has been wanted again meanwhile."""
        with self._lock:
            if key not in self._reserved and key not in fronts():
                close()
                del self._sockets[key]

    def renew(self, key):
        """A new socket at the same port: the old one has been closed with its server."""
        with self._lock:
            self._sockets.pop(key).close()
            try:
                self._sockets[key] = bind(*key)
            except OSError as problem:
                log.error("load balancer %s cannot serve port %s: %s", *key, problem)

    def served_at(self, address, port):
        """The real port, which is another one for an ordinary user's listener below 1024."""
        with self._lock:
            listener = self._sockets.get((address, port))
            return f"{address}:{listener.getsockname()[1]}" if listener and listener.fileno() >= 0 else None

    def take_address(self, address):
        """True if no other load balancer of this machine has it: each is guarded by a port of its own."""
        if address in self._guards:
            return False
        guard = socket.socket()
        try:
            guard.bind((address, GUARD_PORT))
        except OSError:
            guard.close()
            return False
        self._guards[address] = guard
        return True

    def drop_addresses(self, kept):
        for address in set(self._guards) - set(kept):
            self._guards.pop(address).close()

    def close(self):
        self.drop_addresses(())
        with self._lock:
            for listener in self._sockets.values():
                listener.close()
            self._sockets.clear()
