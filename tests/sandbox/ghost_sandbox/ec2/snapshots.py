"""Snapshots: made by CreateImage, shown, deleted."""
import time

from ..action import Action
from ..clock import utc_text
from ..errors import ApiError
from ..pages import page
from .catalog import PAGED, select, tag_set, with_names


def progress(row):
    """Percent done: a snapshot is complete when its image is."""
    if row["status"] != "pending":
        return 100
    return max(0, min(99, int(100 * (time.time() - row["started"]) / max(row["duration"], 0.001))))


def describe_snapshots(call):
    state = call.cloud.state
    for name in ("Owner", "RestorableBy"):
        others = set(call.params.list(name)) - {"self", call.cloud.account}
        if others:
            return {"snapshotSet": []}

    @with_names("snapshot-id", "status", "volume-id", "owner-id", "description", "progress")
    def facts(row):
        return {"snapshot-id": row["id"], "status": row["status"], "volume-id": row["volume"],
                "owner-id": call.cloud.account, "description": row["description"], "progress": f"{progress(row)}%",
                "tags": state.shown_tags(row["id"])}
    with state.lock:
        found = select(call, state.snapshots, facts, call.params.list("SnapshotId"), "InvalidSnapshot.NotFound")
        rows, token = page(call.params, found)
        shapes = [snapshot_shape(call, row) for row in rows]
        state.count_describe("snap")
        return {"snapshotSet": shapes, "nextToken": token}


def snapshot_shape(call, row):
    return {"snapshotId": row["id"], "volumeId": row["volume"], "status": row["status"],
            "startTime": utc_text(row["started"]), "progress": f"{progress(row)}%", "ownerId": call.cloud.account,
            "volumeSize": row["size"], "description": row["description"],
            "encrypted": row.get("encrypted", False),
            "storageTier": "standard", "tagSet": tag_set(call, row["id"])}


def user_of(state, snapshot_id):
    return next((image["id"] for image in state.images.values()
                 if image["state"] != "deregistered" and snapshot_id in image["snapshots"].values()), None)


def delete_snapshot(call):
    state = call.cloud.state
    snapshot_id = call.params.required("SnapshotId")
    with state.lock:
        if snapshot_id not in state.snapshots:
            raise ApiError("InvalidSnapshot.NotFound", f"The snapshot '{snapshot_id}' does not exist.")
        image = user_of(state, snapshot_id)
        if image:
            raise ApiError("InvalidSnapshot.InUse", f"The snapshot {snapshot_id} is currently in use by {image}")
        forget_snapshot(state, snapshot_id)
        state.save()
    return {"return": True}


def forget_snapshot(state, snapshot_id):
    state.snapshots.pop(snapshot_id, None)
    state.tags.pop(snapshot_id, None)


ACTIONS = {
    "DescribeSnapshots": Action(describe_snapshots, "SnapshotId.N Owner.N RestorableBy.N" + PAGED),
    "DeleteSnapshot": Action(delete_snapshot, "SnapshotId"),
}
