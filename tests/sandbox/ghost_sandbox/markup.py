"""Python values as the XML of AWS's Query and EC2 protocols."""
import re
from xml.sax.saxutils import escape

# What XML 1.0 cannot carry at all, even escaped.
FORBIDDEN = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Named(list):
    """A list whose elements have a name of their own."""

    def __init__(self, item, values):
        super().__init__(values)
        self.item = item


class Flat(list):
    """A list without an element of its own: each of its values has the name of the list."""


def element(name, value, item="item"):
    """dict: nested elements; list: elements called item; None: nothing; bool: true or false."""
    if value is None:
        return ""
    if value is True or value is False:
        return f"<{name}>{'true' if value else 'false'}</{name}>"
    if isinstance(value, Flat):
        return "".join(element(name, part, item) for part in value)
    if isinstance(value, dict):
        inner = "".join(element(key, part, item) for key, part in value.items())
    elif isinstance(value, Named):
        inner = "".join(element(value.item, part, item) for part in value)
    elif isinstance(value, (list, tuple)):
        inner = "".join(element(item, part, item) or f"<{item}/>" for part in value)
    else:
        inner = escape(FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", str(value)))
    return f"<{name}>{inner}</{name}>" if inner else f"<{name}/>"


def document(name, namespace, value, item):
    inner = "".join(element(key, part, item) for key, part in value.items())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{name} xmlns="{namespace}">{inner}</{name}>\n'.encode()
