"""Pages of a list: MaxResults and NextToken, or what a service calls them; and pages that go wrong."""
import base64
import binascii
import itertools

from .errors import ApiError

FIRST_KINDS = ("bad-token", "moving")  # of a list's first page
KINDS = ("empty-page", "repeat-token", *FIRST_KINDS)
BAD_TOKEN = "bm9ib2R5IGtub3dzIHRoaXM="
_serial = itertools.count(1)


def page(params, rows, low=5, high=1000, names=("MaxResults", "NextToken")):
    """The asked page of rows and the token of the next one, or None. names: how the service calls size and token."""
    size = params.integer(names[0], low=low, high=high)
    start = _start(params.text(names[1]), rows)
    if params.fault and params.fault.when in KINDS:
        rows, end = spoil(params.fault.when, rows, start)
        return rows, end if isinstance(end, str) else _token(end, next(_serial))
    if size is None:
        return rows[start:], None
    end = start + size
    return rows[start:end], _token(end) if end < len(rows) else None


def spoil(kind, rows, start):
    """(rows shown, where the next page begins or the token that stands for it) as the fault has it."""
    half = start + max(1, (len(rows) - start) // 2)
    if kind == "empty-page":
        return [], start
    if kind == "repeat-token":
        return rows[start:half], _token(start, "again")
    if kind == "bad-token":
        return rows[start:half], BAD_TOKEN
    return rows[start:half], max(start, half - 1)  # moving: the last of them comes once more


def _token(position, serial=0):
    """The serial makes tokens of one place different, as those of AWS are."""
    return base64.urlsafe_b64encode(f"page:{position}:{serial}".encode()).decode()


def _start(token, rows):
    if not token:
        return 0
    try:
        word, position, _ = base64.urlsafe_b64decode(token.encode()).decode().split(":")
        if word == "page" and 0 <= int(position) <= max(len(rows), 1):
            return int(position)
    except (ValueError, binascii.Error):
        pass
    raise ApiError("InvalidNextToken", "The token in the request is not valid")
