"""Whether a request meets the conditions of a rule."""
import ipaddress
import re
import urllib.parse

from ..filters import wildcard


def compiled(rows):
    """Conditions of the state as functions of a request."""
    return tuple(MAKERS[row["field"]](row) for row in rows)


def patterns(values, flags=0):
    return [re.compile(wildcard(value).pattern, re.S | flags) for value in values]


def any_match(found, text):
    return any(pattern.fullmatch(text) for pattern in found)


def host(row):
    found = patterns(row["values"], re.I)
    return lambda request: any_match(found, (request.header("host") or "").rsplit(":", 1)[0])


def path(row):
    found = patterns(row["values"])
    return lambda request: any_match(found, request.path)


def header(row):
    found = patterns(row["values"], re.I)
    return lambda request: any(any_match(found, value) for name, value in request.headers
                               if name.lower() == row["header"].lower())


def method(row):
    return lambda request: request.method in row["values"]


def source(row):
    networks = [ipaddress.ip_network(value, strict=False) for value in row["values"]]
    return lambda request: any(ipaddress.ip_address(request.client) in network for network in networks)


def query(row):
    wanted = [(key and wildcard(key), wildcard(value)) for key, value in row["values"]]

    def met(request):
        pairs = urllib.parse.parse_qsl(request.query, keep_blank_values=True)
        return any((key is None or key.fullmatch(name)) and value.fullmatch(text)
                   for name, text in pairs for key, value in wanted)
    return met


MAKERS = {"host-header": host, "path-pattern": path, "http-header": header, "http-request-method": method,
          "source-ip": source, "query-string": query}
