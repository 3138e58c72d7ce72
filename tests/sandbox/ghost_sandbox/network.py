"""The default VPC: loopback addresses, so that each instance has one of its own on this machine."""
import ipaddress
import random
import socket

from .errors import ApiError
from .ids import new_id

GUARD_PORT = 47170  # bound on a network's first address while a sandbox uses it


class Network:
    """One VPC 127.N.0.0/16 with a subnet per zone and one security group."""

    def __init__(self, state, region):
        self.state = state
        self.region = region
        self.guard = None

    def open(self, wanted=None):
        """Takes a free 127.N.0.0/16, the one of the last run if it can, and describes it in the state. Any: where each took the first
        one that is free, it would be gone when a sandbox that was stopped for a moment wants it again."""
        settings = self.state.settings
        known = wanted or settings.get("octet")
        candidates = [known] if known else random.sample(range(16, 250), k=234)
        octet = next((n for n in candidates if self._take(n)), None)
        if octet is None:
            raise OSError(f"the network 127.{known or 'N'}.0.0/16 is in use by another sandbox")
        if settings.get("octet") != octet:
            settings["octet"] = octet
            settings["vpc"] = new_id("vpc")
            settings["group"] = new_id("sg")
            settings["subnets"] = {
                new_id("subnet"): {"zone": self.region + letter, "cidr": f"127.{octet}.{number}.0/24"}
                for number, letter in enumerate("abc", start=1)}

    def close(self):
        if self.guard:
            self.guard.close()

    def _take(self, octet):
        guard = socket.socket()
        try:
            guard.bind((f"127.{octet}.0.1", GUARD_PORT))
        except OSError:
            guard.close()
            return False
        self.guard = guard
        return True

    @property
    def vpc(self):
        return self.state.settings["vpc"]

    @property
    def subnets(self):
        return self.state.settings["subnets"]

    @property
    def group(self):
        return self.state.settings["group"]

    def subnet(self, subnet_id, zone=None):
        """The named subnet, else the first of the zone."""
        if subnet_id:
            if subnet_id not in self.subnets:
                raise ApiError("InvalidSubnetID.NotFound", f"The subnet ID '{subnet_id}' does not exist")
            return subnet_id
        for known, subnet in self.subnets.items():
            if zone in (None, subnet["zone"]):
                return known
        raise ApiError("InvalidParameterValue", f"Invalid availability zone: [{zone}]")

    def check_groups(self, groups):
        for group in groups:
            if group != self.group:
                raise ApiError("InvalidGroup.NotFound", f"The security group '{group}' does not exist")

    def used(self):
        running = [row for row in self.state.instances.values() if row["state"] != "terminated"]
        return {row["private_ip"] for row in (*running, *self.state.interfaces.values())}

    def free_addresses(self, subnet_id):
        network = ipaddress.ip_network(self.subnets[subnet_id]["cidr"])
        reserved = {str(network[i]) for i in (0, 1, 2, 3, -1)}
        used = self.used() | reserved
        return [str(address) for address in network if str(address) not in used]

    def choose_address(self, subnet_id, wanted=None):
        free = self.free_addresses(subnet_id)
        if wanted is None:
            if not free:
                raise ApiError("InsufficientFreeAddressesInSubnet",
                               f"There are not enough free addresses in subnet '{subnet_id}'")
            return free[0]
        try:
            inside = ipaddress.ip_address(wanted) in ipaddress.ip_network(self.subnets[subnet_id]["cidr"])
        except ValueError as error:
            raise ApiError("InvalidParameterValue", f"Invalid addresses: [{wanted}]") from error
        if not inside:
            raise ApiError("InvalidParameterValue", f"Address {wanted} does not fall within the subnet's address range")
        if wanted not in free:
            raise ApiError("InvalidIPAddress.InUse", f"Address {wanted} is in use.")
        return wanted
