"""HTTP/1.1 messages on asyncio's streams: heads are read, bodies are passed on as they come."""
import asyncio

HEAD_LIMIT = 65536
CHUNK = 65536
HOP = {"connection", "keep-alive", "proxy-connection", "upgrade"}


class BadMessage(Exception):
    """What came is not HTTP/1."""


class Head:
    """The first line's three words and the headers."""

    def __init__(self, words, headers):
        self.words = words
        self.headers = headers

    def header(self, name):
        return next((value for key, value in self.headers if key.lower() == name), None)

    def headers_left(self, dropped=()):
        """Those that are not of this one connection."""
        named = {word.strip().lower() for word in (self.header("connection") or "").split(",")}
        gone = HOP | named | set(dropped)
        return [(name, value) for name, value in self.headers if name.lower() not in gone]

    def wants(self, word):
        return word in (self.header("connection") or "").lower()

    @property
    def body(self):
        """"chunked", a number of bytes, or None when it tells neither."""
        if (self.header("transfer-encoding") or "").lower() == "chunked":
            return "chunked"
        lengths = {value for name, value in self.headers if name.lower() == "content-length"}
        if not lengths:
            return None
        length = lengths.pop()
        if lengths or not length.isascii() or not length.isdigit():
            raise BadMessage("content-length")
        return int(length)


class Request(Head):
    def __init__(self, words, headers, client):
        super().__init__(words, headers)
        self.method, self.target, self.version = words
        self.client = client
        self.path, _, self.query = self.target.partition("?")

    @property
    def keeps_connection(self):
        return self.version == "HTTP/1.1" and not self.wants("close")

    def cookies(self, name):
        return [value for key, text in self.headers if key.lower() == "cookie" for part in text.split(";")
                for word, _, value in [part.strip().partition("=")] if word == name]


class Response(Head):
    @property
    def status(self):
        return int(self.words[1])

    def body_for(self, method):
        """As body, "end" when only the end of the connection ends it."""
        if method == "HEAD" or self.status < 200 or self.status in (204, 304):
            return 0
        return "end" if self.body is None else self.body


async def read_head(reader):
    """(words of the first line, headers), or None when the peer has closed before a byte."""
    try:
        block = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if not error.partial.strip():
            return None
        raise BadMessage("cut off") from error
    except asyncio.LimitOverrunError as error:
        raise BadMessage("head too long") from error
    first, *lines = block.decode("latin-1").lstrip("\r\n")[:-4].split("\r\n")
    headers = []
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise BadMessage("header")
        headers.append((name, value.strip()))
    return first.split(" ", 2), headers


async def read_request(reader, client):
    found = await read_head(reader)
    if found is None:
        return None
    words, headers = found
    if len(words) != 3 or words[2] not in ("HTTP/1.1", "HTTP/1.0") or not words[1]:
        raise BadMessage("request line")
    return Request(words, headers, client)


async def read_response(reader):
    found = await read_head(reader)
    if found is None:
        raise BadMessage("no response")
    words, headers = found
    if len(words) < 2 or not words[0].startswith("HTTP/1.") or not (words[1].isdigit() and len(words[1]) == 3):
        raise BadMessage("status line")
    return Response([*words, ""][:3], headers)


def write_head(writer, words, headers):
    lines = [" ".join(words), *(f"{name}: {value}" for name, value in headers), "", ""]
    writer.write("\r\n".join(lines).encode("latin-1"))


async def copy_exactly(reader, writer, length):
    while length > 0:
        data = await reader.read(min(length, CHUNK))
        if not data:
            raise asyncio.IncompleteReadError(b"", length)
        writer.write(data)
        await writer.drain()
        length -= len(data)


async def copy_to_end(reader, writer):
    while data := await reader.read(CHUNK):
        writer.write(data)
        await writer.drain()


async def copy_chunked(reader, writer, framed):
    """framed: with the sizes, else the data alone, for a peer of HTTP/1.0."""
    while True:
        line = await reader.readuntil(b"\r\n")
        try:
            size = int(line.split(b";")[0], 16)
        except ValueError as error:
            raise BadMessage("chunk") from error
        if framed:
            writer.write(line)
        if size == 0:
            break
        await copy_exactly(reader, writer, size)
        end = await reader.readexactly(2)
        if framed:
            writer.write(end)
    while True:  # trailers
        line = await reader.readuntil(b"\r\n")
        if framed:
            writer.write(line)
        if line == b"\r\n":
            break
    await writer.drain()


async def copy_body(body, reader, writer, framed=True):
    if body == "chunked":
        await copy_chunked(reader, writer, framed)
    elif body == "end":
        await copy_to_end(reader, writer)
    elif body:
        await copy_exactly(reader, writer, body)
