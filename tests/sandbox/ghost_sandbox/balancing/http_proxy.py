"""HTTP listeners: every request goes to a target of its own choice, body by body, as it comes."""
import asyncio
import html
import http
import urllib.parse

from ..ids import request_id
from .choice import action_for, choose_in, choose_pool, cookies_for
from .messages import BadMessage, copy_body, read_request, read_response, write_head
from .routes import Forward
from .tunnel import both_ways, connect


class Refused(Exception):
    """Answered by the load balancer itself."""

    def __init__(self, status):
        super().__init__(status)
        self.status = status


async def serve_web(engine, key, reader, writer):
    """One client's connection, with as many requests as it sends."""
    client = writer.get_extra_info("peername")[0]
    while True:
        front = engine.table.fronts.get(key)
        try:
            request = await asyncio.wait_for(read_request(reader, client), (front and front.idle) or 60)
            front = engine.table.fronts.get(key)
            if request is None or front is None:
                return
            if not await answer(engine, front, request, reader, writer):
                return
        except BadMessage:
            await own_answer(writer, "GET", 400, False)
            return
        except (asyncio.TimeoutError, OSError, asyncio.IncompleteReadError):
            return


async def answer(engine, front, request, reader, writer):
    """True when the connection can take another request."""
    try:
        body = request.body
        action = action_for(front, request)
        if not front.active:
            raise Refused(503)
        if isinstance(action, Forward):
            return await forward(engine, front, action, (request, body), reader, writer)
        keep = request.keeps_connection and not body
        if action["type"] == "redirect":
            status, headers = int(action["code"][5:]), [("Location", redirected(front, action, request))]
            await own_answer(writer, request.method, status, keep, headers)
        else:
            content = action["body"].encode()
            await own_answer(writer, request.method, action["code"], keep,
                             [("Content-Type", action["content_type"])], content)
        return keep
    except Refused as refusal:
        keep = request.keeps_connection and not body
        await own_answer(writer, request.method, refusal.status, keep)
        return keep


async def own_answer(writer, method, status, keep, headers=(), content=None):
    phrase = http.HTTPStatus(status).phrase if status in http.HTTPStatus._value2member_map_ else "Status"
    if content is None:
        content = (f"<html>\r\n<head><title>{status} {html.escape(phrase)}</title></head>\r\n<body>\r\n<center>"
                   f"<h1>{status} {html.escape(phrase)}</h1></center>\r\n</body>\r\n</html>\r\n").encode()
        headers = [*headers, ("Content-Type", "text/html")]
    headers = [("Server", "awselb/2.0"), *headers, ("Content-Length", str(len(content))),
               ("Connection", "keep-alive" if keep else "close")]
    write_head(writer, ("HTTP/1.1", str(status), phrase), headers)
    if method != "HEAD":
        writer.write(content)
    await writer.drain()


def redirected(front, action, request):
    host = (request.header("host") or front.address).rsplit(":", 1)[0]
    words = {"#{protocol}": "HTTPS" if front.secure else "HTTP", "#{host}": host, "#{port}": str(front.port),
             "#{path}": request.path.lstrip("/"), "#{query}": request.query}
    filled = {}
    for part in ("protocol", "host", "port", "path", "query"):
        text = action[part]
        for word, value in words.items():
            text = text.replace(word, value)
        filled[part] = text
    query = f"?{filled['query']}" if filled["query"] else ""
    path = urllib.parse.quote(filled["path"], "/%")
    return f"{filled['protocol'].lower()}://{filled['host']}:{filled['port']}{path}{query}"


def headers_to_target(front, request):
    """With what the load balancer adds."""
    mode = front.client_header
    dropped = {"x-forwarded-proto", "x-forwarded-port"} | ({"x-forwarded-for"} if mode != "preserve" else set())
    headers = request.headers_left(dropped)
    if mode == "append":
        before = request.header("x-forwarded-for")
        headers.append(("X-Forwarded-For", f"{before}, {request.client}" if before else request.client))
    headers += [("X-Forwarded-Proto", "https" if front.secure else "http"), ("X-Forwarded-Port", str(front.port))]
    if request.header("x-amzn-trace-id") is None:
        number = request_id().replace("-", "")
        headers.append(("X-Amzn-Trace-Id", f"Root=1-{number[:8]}-{number[8:]}"))
    upgrade = request.header("upgrade")
    if upgrade and request.wants("upgrade"):
        return [*headers, ("Connection", "Upgrade"), ("Upgrade", upgrade)]
    return [*headers, ("Connection", "close")]


async def forward(engine, front, action, request_and_body, reader, writer):
    request, body = request_and_body
    pool = choose_pool(engine, action, request)
    backend = choose_in(engine, pool, request) if pool else None
    if backend is None:
        raise Refused(503)
    engine.depart(backend)  # chosen and counted in one step: a target that drains cannot be missed
    try:
        try:
            back, target = await connect(engine, backend)
        except asyncio.TimeoutError as problem:
            raise Refused(504) from problem
        except OSError as problem:
            raise Refused(502) from problem
        try:
            exchange = Exchange(front, request, body, (reader, writer), (back, target))
            return await exchange.run(cookies_for(action, pool, backend))
        finally:
            target.transport.abort() if backend.secure else target.close()
    finally:
        engine.arrive(backend)


class Exchange:
    """One request and its response, between a client and a target that is connected."""

    def __init__(self, front, request, body, client, target):
        self.front = front
        self.request = request
        self.body = body
        self.reader, self.writer = client
        self.back, self.target = target

    async def run(self, cookies):
        """True when the client's connection can go on. The response may come before the request's body has ended."""
        sending = asyncio.ensure_future(self._send())
        try:
            response = await self._final_response()
            if response.status == 101:
                await sending
                await self._switch(response)
                return False
            keep = await self._pass_on(response, cookies)
            return keep and sending.done() and not sending.cancelled() and sending.exception() is None
        finally:
            sending.cancel()
            await asyncio.wait([sending])
            if not sending.cancelled():
                sending.exception()  # seen: what it means for the client has been told already

    async def _send(self):
        write_head(self.target, (self.request.method, self.request.target, "HTTP/1.1"),
                   headers_to_target(self.front, self.request))
        await self.target.drain()
        try:
            await copy_body(self.body, self.reader, self.target)
        except (asyncio.IncompleteReadError, BadMessage):
            self.target.transport.abort()  # the client broke off: nothing to wait for
            raise

    async def _final_response(self):
        """The response's head; those before it, as 100, are passed on."""
        try:
            while True:
                response = await asyncio.wait_for(read_response(self.back), self.front.idle)
                if response.status >= 200 or response.status == 101:
                    return response
                write_head(self.writer, response.words, response.headers)
                await self.writer.drain()
        except asyncio.TimeoutError as problem:
            raise Refused(504) from problem
        except (BadMessage, OSError) as problem:
            raise Refused(502) from problem

    async def _pass_on(self, response, cookies):
        old = self.request.version == "HTTP/1.0"
        try:
            body = response.body_for(self.request.method)
        except BadMessage as problem:
            raise Refused(502) from problem
        keep = self.request.keeps_connection and body != "end"
        headers = response.headers_left({"transfer-encoding"} if old else ()) + cookies
        headers.append(("Connection", "keep-alive" if keep else "close"))
        write_head(self.writer, ("HTTP/1.1", *response.words[1:]), headers)
        try:
            await copy_body(body, self.back, self.writer, framed=not old)
            await self.writer.drain()
        except (asyncio.IncompleteReadError, BadMessage, OSError):
            self.writer.transport.abort()  # half a response must not look like a whole one
            return False
        return keep

    async def _switch(self, response):
        """To another protocol: bytes both ways from here on."""
        upgrade = response.header("upgrade") or ""
        write_head(self.writer, response.words,
                   [*response.headers_left(), ("Connection", "Upgrade"), ("Upgrade", upgrade)])
        await self.writer.drain()
        await both_ways(self.reader, self.writer, self.back, self.target)
