"""Replies that go wrong on the wire: short, slow, huge, hostile."""
import re
import select
import socket
import time
import xml.etree.ElementTree as ET

HUGE = 100 << 20
BOMB = ('<?xml version="1.0"?>\n<!DOCTYPE r [<!ENTITY a0 "ha">'
        + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)) + "]>\n<r>&a9;</r>\n").encode()
WRONG_ROOT = b'<?xml version="1.0"?>\n<Surprise><requestId>none</requestId></Surprise>\n'
REPLACED = {"bomb": BOMB, "wrong-root": WRONG_ROOT}
REWRITTEN = ("reordered", "duplicated")
KINDS = ("short", "chunked-truncate", "drip", "stall", "huge", *REPLACED, *REWRITTEN)
LEAF = re.compile(rb"<(?!item>|member>)(\w+)>([^<>]*)</\1>")


def is_gone(connection):
    """Whether the client has closed its side."""
    readable, _, _ = select.select([connection], [], [], 0)
    try:
        return bool(readable) and connection.recv(1, socket.MSG_PEEK) == b""
    except OSError:
        return True


def wait_for_client(connection, seconds, ended=None):
    """Waits until the client goes, the event `ended` is set or the time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not is_gone(connection):
        if ended and ended.wait(0.02):
            return
        if not ended:
            time.sleep(0.02)


def rewrite(kind, body):
    """The same answer, written as nobody would: children backwards and strangers among them, or every value twice, the second wrong."""
    if kind == "duplicated":
        return LEAF.sub(rb"\g<0><\1>spoiled</\1>", body)
    root = ET.fromstring(body)
    for element in list(root.iter()):
        if len(element):
            element[:] = [ET.Element("surprise"), *reversed(element)]
    return ET.tostring(root)


def send(handler, fault, status, body, kind):
    """The reply as the fault spoils it. The connection ends with it where its end is part of the fault."""
    body = REPLACED.get(fault.when, body)
    if fault.when in REWRITTEN and status == 200:
        body = rewrite(fault.when, body)
    half = body[:len(body) // 2]
    handler.send_response(200 if fault.when in REPLACED or fault.when == "huge" else status)
    handler.send_header("Content-Type", kind)
    if fault.when == "chunked-truncate":
        handler.send_header("Transfer-Encoding", "chunked")
    else:
        handler.send_header("Content-Length", str(HUGE if fault.when == "huge" else len(body)))
    if fault.when in ("short", "chunked-truncate", "stall"):
        handler.close_connection = True
    handler.end_headers()
    write = handler.wfile.write
    if fault.when == "short":
        write(half)
    elif fault.when == "chunked-truncate":
        write(b"%x\r\n%s\r\n" % (len(half), half) if half else b"")
    elif fault.when == "drip":
        for index in range(len(body)):
            write(body[index:index + 1])
            time.sleep(fault.seconds or 0.05)
    elif fault.when == "stall":
        wait_for_client(handler.connection, fault.seconds or 3600)
    elif fault.when == "huge":
        piece = b"<item/>".ljust(1 << 20)
        for _ in range(HUGE // len(piece)):
            write(piece)
    else:
        write(body)
