"""Volumes, as far as clean-up needs them."""
from ..action import Action
from ..clock import utc_text
from ..errors import ApiError
from ..pages import page
from .catalog import PAGED, select, tag_set, with_names


def attached(call, volume):
    instance = call.cloud.state.instances.get(volume["instance"])
    return instance is not None and instance["state"] != "terminated"


def describe_volumes(call):
    state = call.cloud.state

    @with_names("volume-id", "status", "attachment.instance-id", "availability-zone", "volume-type", "size")
    def facts(row):
        return {"volume-id": row["id"], "status": "in-use" if attached(call, row) else "available",
                "attachment.instance-id": row["instance"] if attached(call, row) else [],
                "availability-zone": row["zone"], "volume-type": row["type"], "size": row["size"],
                "tags": state.shown_tags(row["id"])}
    with state.lock:
        found = select(call, state.volumes, facts, call.params.list("VolumeId"), "InvalidVolume.NotFound")
        rows, token = page(call.params, found)
        shapes = [volume_shape(call, row) for row in rows]
        state.count_describe("vol")
        return {"volumeSet": shapes, "nextToken": token}


def volume_shape(call, row):
    attachments = [{"volumeId": row["id"], "instanceId": row["instance"], "device": row["device"], "status": "attached",
                    "attachTime": utc_text(row["created"]), "deleteOnTermination": row["delete"]}]
    return {"volumeId": row["id"], "size": row["size"], "snapshotId": "", "availabilityZone": row["zone"],
            "status": "in-use" if attached(call, row) else "available", "createTime": utc_text(row["created"]),
            "attachmentSet": attachments if attached(call, row) else [], "tagSet": tag_set(call, row["id"]),
            "volumeType": row["type"], "encrypted": row.get("encrypted", False), "multiAttachEnabled": False}


def delete_volume(call):
    state = call.cloud.state
    volume_id = call.params.required("VolumeId")
    with state.lock:
        if volume_id not in state.volumes:
            raise ApiError("InvalidVolume.NotFound", f"The volume '{volume_id}' does not exist.")
        if attached(call, state.volumes[volume_id]):
            raise ApiError("VolumeInUse", f"Volume {volume_id} is currently attached to "
                           f"{state.volumes[volume_id]['instance']}")
        del state.volumes[volume_id]
        state.tags.pop(volume_id, None)
        state.save()
    return {"return": True}


ACTIONS = {
    "DescribeVolumes": Action(describe_volumes, "VolumeId.N" + PAGED),
    "DeleteVolume": Action(delete_volume, "VolumeId"),
}
