"""TCP listeners: bytes both ways, to one target for each connection."""
import asyncio
import contextlib

from .choice import choose_backend, forward_of
from .messages import HEAD_LIMIT, copy_to_end

CONNECT_TIMEOUT = 10.0


async def serve_stream(engine, key, reader, writer):
    front = engine.table.fronts.get(key)
    backend = choose_backend(engine, forward_of(front)) if front and front.active else None
    if backend is None:
        writer.transport.abort()
        return
    engine.depart(backend)
    target = None
    try:
        back, target = await connect(engine, backend)
        await both_ways(reader, writer, back, target)
    except (OSError, asyncio.TimeoutError):
        writer.transport.abort()
    finally:
        engine.arrive(backend)
        if target:
            target.transport.abort()


async def connect(engine, backend):
    return await asyncio.wait_for(
        asyncio.open_connection(backend.address, backend.port, limit=HEAD_LIMIT,
                                ssl=engine.client_tls if backend.secure else None), CONNECT_TIMEOUT)


async def both_ways(reader, writer, back, target):
    """Until both sides have ended."""
    async def one_way(source, sink):
        await copy_to_end(source, sink)
        if sink.can_write_eof():
            with contextlib.suppress(OSError):
                sink.write_eof()

    ways = [asyncio.ensure_future(one_way(reader, target)), asyncio.ensure_future(one_way(back, writer))]
    try:
        await asyncio.gather(*ways)
    finally:
        for way in ways:
            way.cancel()
