"""Identifiers in the forms AWS uses."""
import re
import secrets
import uuid

from .errors import ApiError


def new_id(prefix):
    return f"{prefix}-{secrets.token_hex(9)[:17]}"


def request_id():
    return str(uuid.uuid4())


def check_id(value, prefix, code):
    """AWS tells an id it cannot read from one it does not know."""
    if not re.fullmatch(prefix + r"-([0-9a-f]{8}|[0-9a-f]{17})", value):
        raise ApiError(code, f'Invalid id: "{value}"')
