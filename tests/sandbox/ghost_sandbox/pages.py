"""Pages of a list: MaxResults and NextToken, or what a service calls them."""
import base64
import binascii

from .errors import ApiError


def page(params, rows, low=5, high=1000, names=("MaxResults", "NextToken")):
    """The asked page of rows and the token of the next one, or None. names: how the service calls size and token."""
    size = params.integer(names[0], low=low, high=high)
    start = _start(params.text(names[1]), rows)
    if size is None:
        return rows[start:], None
    end = start + size
    return rows[start:end], _token(end) if end < len(rows) else None


def _token(position):
    return base64.urlsafe_b64encode(b"page:%d" % position).decode()


def _start(token, rows):
    if not token:
        return 0
    try:
        word, position = base64.urlsafe_b64decode(token.encode()).decode().split(":")
        if word == "page" and 0 <= int(position) <= max(len(rows), 1):
            return int(position)
    except (ValueError, binascii.Error):
        pass
    raise ApiError("InvalidNextToken", "The token in the request is not valid")
