"""Disks of instances and images, as folders.

overlay: a disk is what differs from this machine's own /, the upper folder of an overlay; an image is a copy of one.
(Not a stack of layers: the kernel refuses lower folders that lie within each other, and / holds them all.)
directory: a disk is a private folder with the agent's directories; an image is a copy of one.
"""
import os
import shutil
import subprocess

AGENT_PATH = "usr/local/bin/ghost-agent"
# What the machine's own / may hold of these is not the instance's.
PRIVATE = ("tmp", "ghost", "etc/ghost", "var/lib/ghost-agent", "var/lib/ghost", "var/tmp")


class Disks:
    """Folders below one base folder."""

    def __init__(self, base, overlay, lower="/"):
        self.base = base
        self.overlay = overlay
        self.lower = lower
        for name in ("images", "instances"):
            os.makedirs(os.path.join(base, name), mode=0o700, exist_ok=True)

    def image(self, image_id):
        return os.path.join(self.base, "images", image_id)

    def instance(self, instance_id):
        return os.path.join(self.base, "instances", instance_id)

    def content(self, instance_id):
        """The folder that makes the instance's disk."""
        return os.path.join(self.instance(instance_id), "upper" if self.overlay else "disk")

    def make_base(self, image_id, agent):
        """The base image: private folders and the agent, baked in; renewed when the agent was built anew."""
        image = self.image(image_id)
        for name in PRIVATE if self.overlay else ("root", "state", "releases"):
            path = os.path.join(image, name)
            if not os.path.isdir(path):
                os.makedirs(path, mode=0o755)
                self._hide_lower(path)
        if self.overlay:
            for name in ("tmp", "var/tmp"):
                os.chmod(os.path.join(image, name), 0o1777)
        if agent:
            target = os.path.join(image, AGENT_PATH)
            os.makedirs(os.path.dirname(target), mode=0o755, exist_ok=True)
            shutil.copy2(agent, target + ".new")
            os.chmod(target + ".new", 0o755)
            os.replace(target + ".new", target)

    def _hide_lower(self, path):
        if self.overlay:
            os.setxattr(path, "trusted.overlay.opaque", b"y")

    def prepare(self, instance_id, image_id):
        """The disk of an instance: made at its first boot, kept for the next ones."""
        folder = self.instance(instance_id)
        content = self.content(instance_id)
        if os.path.isdir(content):
            return
        os.makedirs(folder, mode=0o700, exist_ok=True)
        if self.overlay:
            for name in ("work", "merged"):
                os.makedirs(os.path.join(folder, name), exist_ok=True)
        copy_tree(self.image(image_id), content)

    def capture(self, instance_id, image_id):
        copy_tree(self.content(instance_id), self.image(image_id))

    def discard(self, instance_id):
        shutil.rmtree(self.instance(instance_id), ignore_errors=True)

    def keep_only(self, used):
        """Drops images not in used(), which is asked after the folder was read: a new image is in one of both."""
        folder = os.path.join(self.base, "images")
        names = os.listdir(folder)
        kept = used()
        for name in names:
            if name.removesuffix(".new") not in kept:
                shutil.rmtree(os.path.join(folder, name), ignore_errors=True)

    def overlay_root(self, instance_id):
        """Paths relative to the base, so that none holds a colon or a comma."""
        folder = f"instances/{instance_id}"
        return {"base": self.base, "lower": self.lower, "upper": folder + "/upper", "work": folder + "/work",
                "merged": folder + "/merged"}


def copy_tree(source, target):
    """A copy with owners, modes, links, extended attributes and overlay white-outs; complete or not there."""
    draft = target + ".new"
    shutil.rmtree(draft, ignore_errors=True)
    done = subprocess.run(["cp", "-a", "--reflink=auto", source, draft], capture_output=True, check=False)
    if done.returncode != 0:
        shutil.rmtree(draft, ignore_errors=True)
        raise OSError(f"cannot copy {source}: {done.stderr.decode(errors='replace').strip()[-300:]}")
    os.rename(draft, target)
