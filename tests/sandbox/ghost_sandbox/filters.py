"""Filter.N of the Describe calls: exact values, * and ? as wildcards, backslash escapes."""
import re

from .errors import ApiError


def wildcard(pattern):
    out = []
    chars = iter(pattern)
    for char in chars:
        if char == "\\":
            out.append(re.escape(next(chars, "\\")))
        else:
            out.append({"*": ".*", "?": "."}.get(char) or re.escape(char))
    return re.compile("".join(out), re.S)


def read_filters(params):
    filters = []
    for part in params.structs("Filter"):
        name = part.required("Name")
        values = part.list("Value")
        if not values:
            raise ApiError("InvalidParameterValue", f"The filter '{name}' has no values")
        filters.append((name, [wildcard(value) for value in values]))
    return filters


def apply_filters(filters, rows, facts):
    """Rows whose facts satisfy all filters. facts(row) → {filter name: text or list of texts}; tags under 'tags'."""
    kept = []
    for row in rows:
        known = facts(row)
        if all(_matches(known, name, patterns) for name, patterns in filters):
            kept.append(row)
    return kept


def check_filters(filters, names):
    for name, _ in filters:
        if name not in names and not name.startswith("tag:") and name != "tag-key":
            raise ApiError("InvalidParameterValue", f"The filter '{name}' is invalid")


def _matches(known, name, patterns):
    if name.startswith("tag:"):
        tag = known["tags"].get(name[4:])
        values = [] if tag is None else [tag]
    elif name == "tag-key":
        values = list(known["tags"])
    else:
        values = known.get(name)
    if values is None:
        return False
    if not isinstance(values, (list, tuple)):
        values = [values]
    return any(pattern.fullmatch(str(value)) for pattern in patterns for value in values)
