"""Health checks: really a connection, and for HTTP a request, to the target."""
import asyncio

from .messages import HEAD_LIMIT, BadMessage, read_response
from .pools import DESCRIPTIONS


async def check_for_ever(engine, key, check, report):
    """Tells report(key, reason, description) of each check; reason is None for a good one."""
    loop = asyncio.get_running_loop()
    while True:
        began = loop.time()
        report(key, *await check_once(engine, check))
        await asyncio.sleep(max(0.0, began + check.interval - loop.time()))


async def check_once(engine, check):
    try:
        return await asyncio.wait_for(ask(engine, check), check.timeout)
    except (asyncio.TimeoutError, TimeoutError):
        return told("Target.Timeout")
    except (OSError, BadMessage, asyncio.IncompleteReadError):
        return told("Target.FailedHealthChecks")


def told(reason):
    return reason, DESCRIPTIONS[reason]


async def ask(engine, check):
    secure = check.protocol in ("HTTPS", "SSL")
    reader, writer = await asyncio.open_connection(check.address, check.port, limit=HEAD_LIMIT,
                                                   ssl=engine.client_tls if secure else None)
    try:
        if check.protocol in ("TCP", "SSL"):
            return None, None
        writer.write(f"GET {check.path} HTTP/1.1\r\nHost: {check.address}:{check.port}\r\nConnection: close\r\n"
                     "User-Agent: ELB-HealthChecker/2.0\r\nAccept-Encoding: gzip, compressed\r\n\r\n".encode())
        await writer.drain()
        status = (await read_response(reader)).status
    finally:
        writer.transport.abort() if secure else writer.close()
    if any(low <= status <= high for low, high in check.codes):
        return None, None
    return "Target.ResponseCodeMismatch", f"Health checks failed with these codes: [{status}]"
