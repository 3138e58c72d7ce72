"""What runs, from the instances' own disks: what /instances says must be it, whatever happened before."""
import hashlib
import json
import pathlib

from ghostlab import wait_for

RECORD = ".record"  # agent/release/module_record.h
NAME_DIGITS = 16


def fields(message):
    """The fields of a protobuf message: {number: [values]}; bytes for what is length-delimited."""
    found, at = {}, 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        key = varint()
        kind = key & 7
        if kind == 0:
            value = varint()
        elif kind == 2:
            length = varint()
            value = message[at:at + length]
            at += length
        else:
            raise ValueError(f"a field of kind {kind}")
        found.setdefault(key >> 3, []).append(value)
    return found


def text(message, number):
    return message.get(number, [b""])[0].decode()


class Disk:
    """The releases of one instance, read from outside while its agent may be at work."""

    def __init__(self, lab, instance):
        self.lab, self.instance = lab, instance
        self.root = lab.instance_root(instance)
        # Without overlays an agent keeps its releases beside its root.
        beside = self.root.parent / "releases"
        self.releases = beside if beside.is_dir() else self.root / "ghost"

    def manifest(self, module, release):
        """The signed manifest beside a release, and its hash, which is the release's whole name."""
        path = self.releases / module / f".{release}.manifest"
        manifest = fields(path.read_bytes())[1][0]
        return fields(manifest), hashlib.sha256(manifest).hexdigest()

    def record(self, module):
        lines = (self.releases / module / RECORD).read_text().splitlines()
        return dict(line.split(" ", 1) for line in lines if " " in line)

    def link(self, path):
        """The folder that the link at a module's path leads to; None: there is no link."""
        place = self.lab.instance_file(self.instance, str(pathlib.PurePosixPath(path).parent)) / pathlib.PurePosixPath(path).name
        return self.lab.instance_file(self.instance, path) if place.is_symlink() else None

    def modules(self):
        """{module: (manifest hash, path, revision)} by the links, each with its release whole on disk."""
        found = {}
        for folder in sorted(self.releases.iterdir()) if self.releases.is_dir() else ():
            if not (folder / RECORD).exists():
                continue
            record = self.record(folder.name)
            assert "intent" not in record, f"a deploy of {folder.name} is not finished: {record}"
            if "path" not in record or "current" not in record:
                continue
            target = self.link(record["path"])
            assert target is not None, f"{record['path']} is no link"
            manifest, name = self.manifest(folder.name, target.name)
            assert target.name == name[:NAME_DIGITS], f"{record['path']} leads to {target}, beside which is the manifest of {name}"
            assert target.is_dir(), f"{record['path']} leads to {target}, which is not there"
            for entry in map(fields, manifest.get(21, ())):
                assert (target / text(entry, 1)).is_symlink() or (target / text(entry, 1)).exists(), f"{target} lacks {text(entry, 1)}"
            found[folder.name] = (name, text(manifest, 8), text(manifest, 10))
        return found


def reported(instance):
    return {m["module"]: (m["manifest_sha256"], m["path"], m["revision"]) for m in instance.get("modules", ()) if m["manifest_sha256"]}


def living(lab, app_id):
    """The application's instances that run in the cloud and that Ghost knows as connected."""
    running = {i["id"] for i in lab.sandbox_instances() if i["state"] == "running"}
    return [i for i in lab.instances(app_id) if i["instance_id"] in running and i.get("connected")]


def look(lab, app_id):
    """{instance: (what it says, what its disk says)}"""
    found = {}
    for instance in living(lab, app_id):
        try:
            disk = Disk(lab, instance).modules()
        except (AssertionError, OSError, ValueError) as error:
            disk = str(error)
        found[instance["instance_id"]] = (reported(instance), disk)
    return found


def assert_truth(test, lab, app_id, seconds=20, count=None):
    """/instances says of every connected instance of the application (count: so many) what its disk holds, once it has come to rest;
    returns {instance: {module: (manifest hash, path, revision)}}."""
    last, unequal = {}, {}

    def agrees():
        nonlocal last, unequal
        last = look(lab, app_id)
        unequal = {instance: both for instance, both in last.items() if both[0] != both[1]}
        return not unequal and count in (None, len(last))

    try:
        wait_for("/instances to say what is on the disks", agrees, seconds)
    except AssertionError as error:
        test.fail(f"{error}: {json.dumps(unequal, indent=1)}")
    return {instance: disk for instance, (_, disk) in last.items()}
