"""Tables of actions: what a service is made of."""
from .query import Params


class Action:
    """One action: its function and the exact wire names it knows."""

    def __init__(self, function, names=""):
        self.function = function
        self.names = frozenset(names.split())


class Call:
    """One request on its way through a service."""

    def __init__(self, cloud, form, caller, request_id):
        self.cloud = cloud
        self.form = form
        self.params = Params(form)
        self.caller = caller
        self.request_id = request_id
