"""Images: CreateImage, DescribeImages, DeregisterImage."""
import re
import time

from ..action import Action
from ..clock import utc_text
from ..errors import ApiError
from ..filters import apply_filters, check_filters, read_filters
from ..ids import check_id, new_id
from ..pages import page
from ..state import as_before, enter_state
from .catalog import FAMILIES, PAGED, tag_set
from .instances import ROOT_DEVICE, find_instances
from .snapshots import forget_snapshot
from .tags import read_specifications

FILTERS = frozenset((
    "image-id", "name", "state", "owner-id", "architecture", "is-public", "description", "image-type",
    "root-device-type", "root-device-name", "virtualization-type", "source-instance-id",
    "block-device-mapping.snapshot-id"))
NAME = re.compile(r"[A-Za-z0-9()\[\] ./\-'@_]{3,128}")


def create_image(call):
    params = call.params
    state = call.cloud.state
    name = params.required("Name")
    if not NAME.fullmatch(name):
        raise ApiError("InvalidAMIName.Malformed", "AMI names must be between 3 and 128 characters long, and may "
                       "contain letters, numbers, '(', ')', '[', ']', ' ', '.', '/', '-', \"'\", '@' and '_'")
    tags = read_specifications(params, ("image", "snapshot"))
    with state.lock:
        source = find_instances(call, [params.required("InstanceId")])[0]
        if source["state"] not in ("running", "stopped"):
            raise ApiError("IncorrectInstanceState", f"The instance '{source['id']}' is not in the 'running' or "
                           f"'stopped' state: {source['state']}")
        same = next((row for row in state.images.values()
                     if row["name"] == name and row["state"] != "deregistered"), None)
        if same:
            raise ApiError("InvalidAMIName.Duplicate", f"AMI name {name} is already in use by AMI {same['id']}")
        image = new_image(call, source, name)
        state.tags.update({image["id"]: dict(tags.get("image", {}))})
        for snapshot_id in image["snapshots"].values():
            state.tags[snapshot_id] = dict(tags.get("snapshot", {}))
        if fault := call.cloud.faults.for_resource("late-tags"):
            state.delay_tags([image["id"], *image["snapshots"].values()], fault.polls)
        state.save()
        call.cloud.lifecycle.create_image(source, image, params.boolean("NoReboot"))
    return {"imageId": image["id"]}


def new_image(call, source, name):
    state = call.cloud.state
    image_id = new_id("ami")
    snapshots = {}
    dropped = {part.required("DeviceName") for part in call.params.structs("BlockDeviceMapping")
               if part.has("NoDevice")}
    for volume in list(state.volumes.values()):
        if volume["instance"] != source["id"] or volume["device"] in dropped:
            continue
        snapshot_id = new_id("snap")
        snapshots[volume["device"]] = snapshot_id
        state.snapshots[snapshot_id] = {
            "id": snapshot_id, "volume": volume["id"], "size": volume["size"], "type": volume["type"],
            "status": "pending", "started": time.time(), "duration": call.cloud.clock.duration("image"),
            "encrypted": volume.get("encrypted", False),
            "description": f"Created by CreateImage({source['id']}) for {image_id}"}
    added = more_devices(call, snapshots)
    image = {"id": image_id, "name": name, "description": call.params.text("Description", ""), "state": "pending",
             "created": time.time(), "architecture": FAMILIES[source["type"].split(".")[0]], "source": source["id"],
             "snapshots": snapshots, "added": added, "public": False}
    state.images[image_id] = image
    return image


def more_devices(call, snapshots):
    """Empty volumes that instances of the image get beside those of its source."""
    more = {}
    for part in call.params.structs("BlockDeviceMapping"):
        device, ebs = part.required("DeviceName"), part.struct("Ebs")
        if not part.has("NoDevice") and device not in snapshots:
            more[device] = {"volumeSize": ebs.integer("VolumeSize", 8, 1, 16384),
                            "volumeType": ebs.text("VolumeType", "gp2"), "encrypted": ebs.boolean("Encrypted"),
                            "deleteOnTermination": ebs.boolean("DeleteOnTermination", True)}
    return more


def describe_images(call):
    state = call.cloud.state
    ids = call.params.list("ImageId")
    for image_id in ids:
        check_id(image_id, "ami", "InvalidAMIID.Malformed")
    filters = read_filters(call.params)
    check_filters(filters, FILTERS)
    with state.lock:
        shown = map(as_before, state.images.values()) if call.is_stale else state.images.values()
        known = {row["id"]: row for row in shown if row["state"] != "deregistered"}
        missing = [image_id for image_id in ids if image_id not in known]
        if missing:
            raise ApiError("InvalidAMIID.NotFound", f"The image id '[{', '.join(missing)}]' does not exist")
        rows = [known[image_id] for image_id in ids] if ids else list(known.values())
        owners = call.params.list("Owner")
        if owners:
            rows = [row for row in rows if owns(call, owners, row)]
        rows, token = page(call.params, apply_filters(filters, rows, lambda row: facts(call, row)), low=1)
        shapes = [image_shape(call, row) for row in rows]
        state.count_describe("ami")
        return {"imagesSet": shapes, "nextToken": token}


def owner_of(call, row):
    return call.cloud.vendor_account if row["public"] else call.cloud.account


def owns(call, owners, row):
    return any(owner == owner_of(call, row) or (owner == "self" and not row["public"]) for owner in owners)


def facts(call, row):
    return {"image-id": row["id"], "name": row["name"], "state": row["state"], "owner-id": owner_of(call, row),
            "architecture": row["architecture"], "is-public": "true" if row["public"] else "false",
            "description": row["description"], "image-type": "machine", "root-device-type": "ebs",
            "root-device-name": ROOT_DEVICE, "virtualization-type": "hvm", "source-instance-id": row["source"] or [],
            "block-device-mapping.snapshot-id": list(row["snapshots"].values()),
            "tags": call.cloud.state.shown_tags(row["id"])}


def image_shape(call, row):
    state = call.cloud.state
    mapping = []
    for device, snapshot_id in row["snapshots"].items():
        snapshot = state.snapshots.get(snapshot_id)
        if snapshot:
            mapping.append({"deviceName": device,
                            "ebs": {"snapshotId": snapshot_id, "volumeSize": snapshot["size"],
                                    "deleteOnTermination": True, "volumeType": snapshot["type"],
                                    "encrypted": snapshot.get("encrypted", False)}})
    mapping += [{"deviceName": device, "ebs": ebs} for device, ebs in row.get("added", {}).items()]
    return {"imageId": row["id"], "imageLocation": f"{owner_of(call, row)}/{row['name']}", "imageState": row["state"],
            "imageOwnerId": owner_of(call, row), "creationDate": utc_text(row["created"]), "isPublic": row["public"],
            "productCodes": [], "architecture": row["architecture"], "imageType": "machine", "name": row["name"],
            "description": row["description"], "rootDeviceType": "ebs", "rootDeviceName": ROOT_DEVICE,
            "blockDeviceMapping": mapping, "virtualizationType": "hvm", "tagSet": tag_set(call, row["id"]),
            "hypervisor": "xen", "enaSupport": True, "platformDetails": "Linux/UNIX", "usageOperation": "RunInstances",
            "bootMode": "uefi-preferred", "imdsSupport": "v2.0", "sourceInstanceId": row["source"],
            "stateReason": row.get("state_reason")}


def deregister_image(call):
    state = call.cloud.state
    image_id = call.params.required("ImageId")
    check_id(image_id, "ami", "InvalidAMIID.Malformed")
    with state.lock:
        image = state.images.get(image_id)
        if image is None or image["state"] == "deregistered":
            raise ApiError("InvalidAMIID.Unavailable" if image else "InvalidAMIID.NotFound",
                           f"The image id '[{image_id}]' does not exist")
        if image["public"]:
            raise ApiError("AuthFailure", f"Not authorized for image:{image_id}", 403)
        enter_state(image, "deregistered")
        state.tags.pop(image_id, None)
        results = None
        if call.params.boolean("DeleteAssociatedSnapshots"):
            results = [{"snapshotId": snapshot_id, "returnCode": "success"}
                       for snapshot_id in image["snapshots"].values()]
            for snapshot_id in image["snapshots"].values():
                forget_snapshot(state, snapshot_id)
        state.save()
    call.cloud.lifecycle.collect_disks()
    return {"return": True, "deleteSnapshotResultSet": results}


ACTIONS = {
    "CreateImage": Action(
        create_image, "InstanceId Name Description NoReboot BlockDeviceMapping.N.DeviceName "
        "BlockDeviceMapping.N.NoDevice BlockDeviceMapping.N.Ebs.VolumeSize BlockDeviceMapping.N.Ebs.VolumeType "
        "BlockDeviceMapping.N.Ebs.DeleteOnTermination BlockDeviceMapping.N.Ebs.Iops "
        "BlockDeviceMapping.N.Ebs.Throughput BlockDeviceMapping.N.Ebs.Encrypted TagSpecification.N.ResourceType "
        "TagSpecification.N.Tag.N.Key TagSpecification.N.Tag.N.Value"),
    "DescribeImages": Action(
        describe_images, "ImageId.N Owner.N ExecutableBy.N IncludeDeprecated IncludeDisabled" + PAGED),
    "DeregisterImage": Action(deregister_image, "ImageId DeleteAssociatedSnapshots"),
}
