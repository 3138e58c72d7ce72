"""Mixed instances policies: several instance types for one group, and a part of it Spot."""
import math

from .wire import invalid, structs

POLICY = "MixedInstancesPolicy"
DISTRIBUTION = {"OnDemandAllocationStrategy": "prioritized", "OnDemandBaseCapacity": "0",
                "OnDemandPercentageAboveBaseCapacity": "100", "SpotAllocationStrategy": "lowest-price",
                "SpotInstancePools": None, "SpotMaxPrice": None}
SPECIFICATION = ("LaunchTemplateId", "LaunchTemplateName", "Version")
OVERRIDE = "LaunchTemplate.Overrides.member.N"
NAMES = " ".join(
    [f"LaunchTemplate.LaunchTemplateSpecification.{name}" for name in SPECIFICATION]
    + [f"{OVERRIDE}.InstanceType", f"{OVERRIDE}.WeightedCapacity", f"{OVERRIDE}.ImageId"]
    + [f"{OVERRIDE}.LaunchTemplateSpecification.{name}" for name in SPECIFICATION]
    + [f"InstancesDistribution.{name}" for name in DISTRIBUTION])


def wire_names(prefix):
    return " ".join(f"{prefix}.{name}" for name in NAMES.split())


def read_policy(params, known, read_template):
    """(template, policy) of a MixedInstancesPolicy; known: the group's, of which stays what is not given."""
    template, policy = known["template"], known["mixed"] or {"overrides": [], "distribution": dict(DISTRIBUTION)}
    part = params.struct("LaunchTemplate")
    if part.has("LaunchTemplateSpecification"):
        template = read_template(part.struct("LaunchTemplateSpecification"))
    elif not known["mixed"]:
        raise invalid("A mixed instances policy needs a launch template")
    if part.has("Overrides"):
        policy = {**policy, "overrides": [read_override(one, read_template) for one in structs(part, "Overrides")]}
    given = params.struct("InstancesDistribution")
    for name in ("OnDemandBaseCapacity", "OnDemandPercentageAboveBaseCapacity", "SpotInstancePools"):
        given.integer(name, low=0, high=100 if "Percentage" in name else 10000)
    distribution = {name: given.text(name, value) for name, value in policy["distribution"].items()}
    return template, {**policy, "distribution": distribution}


def read_override(part, read_template):
    weight = part.text("WeightedCapacity")
    if weight not in (None, "1"):
        raise invalid("The sandbox counts instances: a WeightedCapacity can only be 1")
    own = part.struct("LaunchTemplateSpecification")
    return {"InstanceType": part.text("InstanceType"), "WeightedCapacity": weight, "ImageId": part.text("ImageId"),
            "template": read_template(own) if part.has("LaunchTemplateSpecification") else None}


def choices(source):
    """(template, further RunInstances parameters) in the order in which they are tried."""
    overrides = source["mixed"]["overrides"] if source["mixed"] else []
    return [(one["template"] or source["template"],
             {name: one[name] for name in ("InstanceType", "ImageId") if one[name]}) for one in overrides] \
        or [(source["template"], {})]


def market(cloud, group, source, counted):
    """RunInstances parameters that make the next instance Spot, where the distribution says so."""
    if not source["mixed"]:
        return {}
    distribution = source["mixed"]["distribution"]
    base, percent = (int(distribution[name]) for name in ("OnDemandBaseCapacity",
                                                          "OnDemandPercentageAboveBaseCapacity"))
    rows = [cloud.state.instances.get(member["id"]) for member in group["instances"].values()
            if member["state"] in counted]
    on_demand = sum(1 for row in rows if row and not row["spot"])
    if on_demand < base + math.ceil(max(0, len(rows) + 1 - base) * percent / 100):
        return {}
    form = {"InstanceMarketOptions.MarketType": "spot"}
    if distribution["SpotMaxPrice"]:
        form["InstanceMarketOptions.SpotOptions.MaxPrice"] = distribution["SpotMaxPrice"]
    return form


def policy_shape(source, template_shape):
    """As it is shown, or None."""
    if not source["mixed"]:
        return None
    overrides = [{"InstanceType": one["InstanceType"], "WeightedCapacity": one["WeightedCapacity"],
                  "ImageId": one["ImageId"], "LaunchTemplateSpecification": template_shape(one["template"])}
                 for one in source["mixed"]["overrides"]]
    return {"LaunchTemplate": {"LaunchTemplateSpecification": template_shape(source["template"]),
                               "Overrides": overrides},
            "InstancesDistribution": source["mixed"]["distribution"]}
