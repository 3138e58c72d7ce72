"""The parameters of a Query or EC2 request, read by name."""
import re
import urllib.parse

from .errors import ApiError, invalid_value, missing_parameter

COMMON = {"Action", "Version"}


def parse_form(body):
    """A form as {name: value}; the first of two equal names is refused, as guessing would hide a client's bug."""
    try:
        pairs = urllib.parse.parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=bool(body),
                                       errors="strict", max_num_fields=10000)
    except (ValueError, UnicodeError) as error:
        raise ApiError("MalformedQueryString", f"The query string cannot be read: {error}") from error
    form = dict(pairs)
    if len(form) != len(pairs):
        raise ApiError("MalformedQueryString", "The query string names a parameter twice")
    return form


def pattern_of(name):
    """Filter.1.Value.2 → Filter.N.Value.N"""
    return re.sub(r"\.\d+(?=\.|$)", ".N", name)


class Params:
    """One level of parameters: flat names below a prefix."""

    def __init__(self, form, prefix="", fault=None):
        self.form = form
        self.prefix = prefix
        self.fault = fault  # of the call

    def check_names(self, known):
        """Refuses what the action does not know: a wrong wire name must not pass silently."""
        for name in self.form:
            if name not in COMMON and pattern_of(name) not in known:
                raise ApiError("UnknownParameter", f"The parameter {name} is not recognized")

    def has(self, name):
        full = self.prefix + name
        return any(key == full or key.startswith(full + ".") for key in self.form)

    def text(self, name, default=None):
        return self.form.get(self.prefix + name, default)

    def required(self, name):
        value = self.text(name)
        if value is None or value == "":
            raise missing_parameter(self.prefix + name)
        return value

    def integer(self, name, default=None, low=None, high=None):
        value = self.text(name)
        if value is None:
            return default
        if not re.fullmatch(r"-?\d{1,18}", value):
            raise invalid_value(value, self.prefix + name, "It is not a number.")
        number = int(value)
        if (low is not None and number < low) or (high is not None and number > high):
            raise invalid_value(value, self.prefix + name, f"It must be between {low} and {high}.")
        return number

    def boolean(self, name, default=False):
        value = self.text(name)
        if value is None:
            return default
        if value not in ("true", "false"):
            raise invalid_value(value, self.prefix + name, "It must be true or false.")
        return value == "true"

    def choice(self, name, choices, default=None):
        value = self.text(name)
        if value is None:
            return default
        if value not in choices:
            raise invalid_value(value, self.prefix + name, f"Allowed: {', '.join(choices)}.")
        return value

    def indexes(self, name):
        start = self.prefix + name + "."
        found = {key[len(start):].split(".")[0] for key in self.form if key.startswith(start)}
        if not all(index.isdigit() and int(index) >= 1 for index in found):
            raise ApiError("MalformedQueryString", f"The list {self.prefix}{name} is not numbered from 1")
        return sorted(found, key=int)

    def list(self, name):
        return [self.form[f"{self.prefix}{name}.{index}"] for index in self.indexes(name)
                if f"{self.prefix}{name}.{index}" in self.form]

    def structs(self, name):
        return [Params(self.form, f"{self.prefix}{name}.{index}.") for index in self.indexes(name)]

    def struct(self, name):
        return Params(self.form, f"{self.prefix}{name}.")
