"""A site on a group of four behind its load balancer, for deploys that those who use it shall not notice. Each release restarts the
server of its instance, so that without care requests do fail."""
import contextlib
import unittest

import ghostlab
import truth
from awslab import AwsLab
from ghostlab import b64, wait_for
from http_load import HttpLoad
from site_server import PORT, SERVER

LISTENER = 8581
# The server comes back a moment after it was killed. A release with the file "broken" in it does not work, and on an instance with the
# file "unwilling" only the first one does.
POST_DEPLOY = """#!/bin/sh
echo "in post_deploy"
for i in $(seq 300); do [ -e {hold} ] || break; sleep 0.1; done
kill -9 "$(cat "$GHOST_ROOT_DIR/site.pid")"
[ ! -e broken ] || exit 7
[ ! -e "$GHOST_ROOT_DIR/unwilling" ] || grep -qx "version 1" page.html || exit 8
"""


class SafeCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = lab = cls.enterClassContext(AwsLab(settings={"job.agent_wait": "10s"}))
        (lab.features / "site-server.sh").write_text(SERVER)
        cls.hold = lab.folder / "hold"
        cls.repository = ghostlab.Repository(lab.folder / "site")
        for number in range(1, 9):
            cls.repository.commit({"page.html": f"version {number}\n"}, f"version {number}", tag=f"v{number}")
        cls.repository.commit({"page.html": "broken\n", "broken": ""}, "broken", tag="broken")
        cls.repository.git("rm", "-q", "broken")
        cls.repository.commit({"page.html": "sick\n", "sick": ""}, "sick", tag="sick")
        cls.balancer = lab.load_balancer("safe", LISTENER, PORT)
        cls.group = lab.group("safe", target_groups=[cls.balancer.target_group])
        module = {"name": "site", "git_repo": cls.repository.url, "scope": "code", "path": "/srv/site"}
        cls.app_id = lab.create_app(
            [module], features=[{"name": "site-server", "provisioner": "shell"}],
            autoscale={"name": cls.group, "min": 4, "max": 6},
            **{"safe-deployment": {"load_balancer_type": "alb", "wait_before_deploy": 0, "wait_after_deploy": 0}},
        )
        lab.run(cls.app_id, "buildimage")
        lab.deploy(cls.app_id, {"site": "v1"})
        lab.run(cls.app_id, "updateautoscaling")
        cls.in_service(4)
        health = {"type": "http", "path": "/well", "port": PORT, "retries": 5, "interval": 1, "deadline": 20}
        cls.module = {**module, "post_deploy": b64(POST_DEPLOY.format(hold=cls.hold))}
        cls.checked = {**cls.module, "health_check": health}
        lab.change_app(cls.app_id, modules=[cls.module])

    @classmethod
    def in_service(cls, count):
        def look():
            members = cls.lab.group_members(cls.group)
            healthy = cls.lab.healthy_targets(cls.balancer.target_group)
            return (len(members) == count and all(m["LifecycleState"] == "InService" for m in members)
                    and {m["InstanceId"] for m in members} == healthy and members)

        return wait_for(f"{count} instances in service and healthy", look, 120)

    def members(self):
        ids = {m["InstanceId"] for m in self.lab.group_members(self.group)}
        return [i for i in self.lab.instances(self.app_id) if i["instance_id"] in ids]

    def submit(self, revision, *options):
        return self.lab.submit(self.app_id, "deploy", modules=[{"name": "site", "rev": revision}], options=list(options))

    def pages(self):
        return {i["instance_id"]: self.lab.page_of(i) for i in self.members()}

    def assert_calm(self):
        """Nothing is suspended, every instance serves, and all that is reported is so."""
        self.assertEqual(self.lab.suspended(self.group), [])
        self.in_service(4)
        wait_for("four ready instances", lambda: [i["state"] for i in self.members()] == ["ready"] * 4)
        truth.assert_truth(self, self.lab, self.app_id)

    @contextlib.contextmanager
    def load(self, name, port=LISTENER, address=None, kept=True):
        with HttpLoad(address or self.balancer.address, port, kept=kept) as load:
            yield load
            wait_for("a hundred requests", lambda: load.total > 100, 60)
        print(f"{name}: {load.total} requests, {len(load.failures)} failed", flush=True)

    def wait_words(self, job_id, words):
        """In the log of a job that goes on."""
        def look():
            log = self.lab.log(job_id)
            self.assertIn(self.lab.job(job_id)["status"], ("init", "started"), log[-4000:])
            return words in log

        wait_for(f"'{words}' in the log", look, 60)

    def finish(self, job_id, status="done"):
        try:
            job = self.lab.wait_job(job_id, 100)
        except AssertionError as late:
            raise AssertionError(f"{late}\n{self.lab.log(job_id)[-4000:]}") from None
        self.assertEqual(job["status"], status, f"{job['message']}\n{self.lab.log(job_id)[-4000:]}")
        return job
