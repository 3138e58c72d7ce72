"""The state machines of instances and images over time."""
import logging
import threading
import time

from .clock import utc_text
from .state import enter_state

log = logging.getLogger("sandbox")
TERMINATED_VISIBLE = 3600  # seconds a terminated instance is still shown


class Lifecycle:
    """Moves rows from state to state; the machine behind a row follows. Its methods are called with state.lock held."""

    def __init__(self, cloud):
        self.cloud = cloud

    def resume(self):
        """After a restart: goes on with what the last run left unfinished."""
        for row in list(self.cloud.state.instances.values()):
            if row["state"] == "pending":
                self._later("pending", self._running, row)
            elif row["state"] == "running":
                self._boot(row)
            elif row["state"] == "stopping":
                self._later("stopping", self._stopped, row)
            elif row["state"] == "shutting-down":
                self._later("shutting-down", self._terminated, row)
            elif row["state"] == "terminated":
                self.cloud.clock.after(TERMINATED_VISIBLE, self._forget, row)
        for image in self.cloud.state.images.values():
            if image["state"] == "pending":
                self._fail_image(image, "Server.InternalError", "The sandbox was restarted")
        self.collect_disks()

    def launch(self, row):
        faults = self.cloud.faults
        for kind in ("invisible", "flapping"):
            if fault := faults.for_resource(kind):
                row[f"{kind}_polls"] = fault.polls
        if fault := faults.for_resource("late-tags"):
            volumes = [volume["id"] for volume in self.cloud.state.volumes.values() if volume["instance"] == row["id"]]
            self.cloud.state.delay_tags([row["id"], *volumes], fault.polls)
        log.info("%s pending (image %s, %s)", row["id"], row["image"], row["private_ip"])
        if faults.for_resource("stuck-pending"):
            return
        if fault := faults.for_resource("launch-fails"):
            self._later("pending", self._launch_failed, row, fault.error, fault.message)
            return
        self._later("pending", self._running, row)

    def start(self, row):
        if row["state"] != "stopped":
            return
        row["launch_time"] = time.time()
        self._enter(row, "pending")
        self._later("pending", self._running, row)

    def stop(self, row, force):
        if row["state"] == "stopped" or (row["state"] == "stopping" and not force):
            return
        self._reason(row, "Client.UserInitiatedShutdown", "User initiated shutdown")
        self._enter(row, "stopping")
        if not force and self.cloud.faults.for_resource("stuck-stopping"):
            return
        grace = 0 if force else self.cloud.clock.duration("stop-grace")
        self._halt(row, grace, "stopping", self._stopped)

    def terminate(self, row):
        self.interrupt(row, "Client.UserInitiatedShutdown", "User initiated shutdown")

    def interrupt(self, row, code, message):
        """Ends an instance for any reason: the user's wish, or AWS's."""
        if row["state"] in ("shutting-down", "terminated"):
            return
        self._reason(row, code, message)
        self._enter(row, "shutting-down")
        self._halt(row, self.cloud.clock.duration("stop-grace"), "shutting-down", self._terminated)

    def reboot(self, row):
        log.info("%s rebooting", row["id"])
        self._in_background(self._reboot_now, row)

    def create_image(self, source, image, no_reboot):
        log.info("%s pending: image of %s, name %s", image["id"], source["id"], image["name"])
        self._in_background(self._capture, source, image, no_reboot)

    def collect_disks(self):
        """Drops the saved disks of images that are gone."""
        self._in_background(self.cloud.boot.keep_only_images, self._used_images)

    def _used_images(self):
        state = self.cloud.state
        with state.lock:
            used = {image["id"] for image in state.images.values() if image["state"] in ("pending", "available")}
            used |= {row["image"] for row in state.instances.values() if row["state"] != "terminated"}
        return used

    # transitions

    def _enter(self, row, name):
        enter_state(row, name)
        log.info("%s %s", row["id"], name)
        self.cloud.balancing.instance_changed(row)
        self.cloud.state.save()

    def _reason(self, row, code, message):
        row["state_reason"] = {"code": code, "message": f"{code}: {message}"}
        row["reason"] = f"{message} ({utc_text()[:19].replace('T', ' ')} GMT)"

    def _running(self, row):
        with self.cloud.state.lock:
            if row["state"] != "pending":
                return
            row["running_since"] = time.time()
            row.pop("state_reason", None)
            row["reason"] = ""
            self._enter(row, "running")
            self._boot(row)

    def _boot(self, row):
        self._in_background(self.cloud.boot.start, row)

    def _launch_failed(self, row, code, message):
        with self.cloud.state.lock:
            self._reason(row, code, message)
            self._terminated(row)

    def _halt(self, row, grace, name, then):
        """Stops the machine and enters the next state, not before the transition has had its time."""
        ready = time.monotonic() + self.cloud.clock.duration(name)

        def halt():
            self.cloud.boot.stop(row["id"], grace)
            self.cloud.clock.after(max(0, ready - time.monotonic()), then, row)
        self._in_background(halt)

    def _stopped(self, row):
        with self.cloud.state.lock:
            if row["state"] == "stopping":
                self._enter(row, "stopped")

    def _terminated(self, row):
        state = self.cloud.state
        with state.lock:
            if row["state"] == "terminated":
                return
            for volume in list(state.volumes.values()):
                if volume["instance"] == row["id"] and volume["delete"]:
                    del state.volumes[volume["id"]]
                    state.tags.pop(volume["id"], None)
            state.tags.pop(row["eni"], None)
            self._enter(row, "terminated")
        self._in_background(self.cloud.boot.discard, row["id"])
        self.cloud.clock.after(TERMINATED_VISIBLE, self._forget, row)

    def _forget(self, row):
        with self.cloud.state.lock:
            self.cloud.state.instances.pop(row["id"], None)
            self.cloud.state.tags.pop(row["id"], None)
            self.cloud.state.save()

    def _reboot_now(self, row):
        self.cloud.boot.stop(row["id"], self.cloud.clock.duration("stop-grace"))
        with self.cloud.state.lock:
            again = row["state"] == "running"
        if again:
            self.cloud.boot.start(row)

    def _capture(self, source, image, no_reboot):
        """Saves the disk. A running instance is rebooted around it, as AWS does unless asked not to."""
        ready = time.monotonic() + self.cloud.clock.duration("image")
        with self.cloud.state.lock:
            reboot = source["state"] == "running" and not no_reboot
        try:
            if reboot:
                self.cloud.boot.stop(source["id"], self.cloud.clock.duration("stop-grace"))
            self.cloud.boot.capture(source["id"], image["id"])
            problem = None
        except OSError as error:
            log.error("%s cannot be saved: %s", image["id"], error)
            problem = ("Client.InternalError", str(error))
        if reboot:
            with self.cloud.state.lock:
                again = source["state"] == "running"
            if again:
                self.cloud.boot.start(source)
        if self.cloud.faults.for_resource("stuck-image"):
            return
        if fault := self.cloud.faults.for_resource("image-fails"):
            problem = (fault.error, fault.message)
        self.cloud.clock.after(max(0, ready - time.monotonic()), self._image_done, image, problem)

    def _image_done(self, image, problem):
        state = self.cloud.state
        with state.lock:
            if image["state"] != "pending":
                return
            if problem:
                self._fail_image(image, *problem)
                return
            enter_state(image, "available")
            self._end_snapshots(image, "completed")
            log.info("%s available", image["id"])
            state.save()

    def _fail_image(self, image, code, message):
        enter_state(image, "failed")
        image["state_reason"] = {"code": code, "message": message}
        self._end_snapshots(image, "error")
        log.info("%s failed: %s", image["id"], message)
        self.cloud.state.save()

    def _end_snapshots(self, image, status):
        for snapshot_id in image["snapshots"].values():
            if snapshot_id in self.cloud.state.snapshots:
                self.cloud.state.snapshots[snapshot_id]["status"] = status

    def _later(self, name, function, *args):
        self.cloud.clock.after(self.cloud.clock.duration(name), function, *args)

    @staticmethod
    def _in_background(function, *args):
        def run():
            try:
                function(*args)
            except Exception:
                log.exception("%s failed", function.__qualname__)
        threading.Thread(target=run, daemon=True).start()
