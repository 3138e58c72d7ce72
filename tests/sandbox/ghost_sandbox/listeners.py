"""Many listening sockets, one thread that accepts: an idle instance costs a descriptor, not a thread."""
import http.server
import logging
import os
import selectors
import sys
import threading

log = logging.getLogger("sandbox")


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    timeout = 0

    def handle_error(self, request, client_address):
        """A client that goes away is its own business; anything else is a bug of ours."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            log.exception("a request failed")


class Listeners:
    def __init__(self):
        self._selector = selectors.DefaultSelector()
        self._lock = threading.Lock()
        self._reader, self._writer = os.pipe()
        self._selector.register(self._reader, selectors.EVENT_READ, None)
        self._servers = set()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="listeners", daemon=True)

    def start(self):
        self._thread.start()

    def open(self, address, port, handler, **context):
        """Serves handler at address:port; context becomes attributes of handler.server."""
        server = Server((address, port), handler)
        for name, value in context.items():
            setattr(server, name, value)
        with self._lock:
            self._servers.add(server)
            self._selector.register(server, selectors.EVENT_READ, server)
        os.write(self._writer, b"x")
        return server

    def close(self, server):
        with self._lock:
            if server not in self._servers:
                return
            self._servers.discard(server)
            self._selector.unregister(server)
            server.server_close()

    def close_all(self):
        self._closed = True
        os.write(self._writer, b"x")
        if self._thread.is_alive():
            self._thread.join(5)
        for server in list(self._servers):
            self.close(server)

    def _run(self):
        while not self._closed:
            for key, _ in self._selector.select():
                if key.data is None:
                    os.read(self._reader, 4096)
                    continue
                with self._lock:
                    if key.data in self._servers:
                        key.data.handle_request()
