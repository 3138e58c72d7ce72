"""Tables of actions: what a service is made of."""
from .query import Params


class Action:
    """One action: its function and the exact wire names it knows."""

    def __init__(self, function, names=""):
        self.function = function
        self.names = frozenset(names.split())


class Call:
    """One request on its way through a service."""

    def __init__(self, cloud, form, caller, request_id, fault=None):
        self.cloud = cloud
        self.form = form
        self.fault = fault
        self.params = Params(form, fault=fault)
        self.caller = caller
        self.request_id = request_id

    @property
    def is_stale(self):
        """Whether it is answered from an old view of things."""
        return self.fault is not None and self.fault.when == "stale"
