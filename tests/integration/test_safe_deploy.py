#!/usr/bin/env python3
"""Safe deploys of a group of four behind its load balancer, seen by those who use the site all the while.

Each release restarts the server of its instance, so that without care requests do fail."""
import contextlib
import unittest

import ghostlab
import truth
from awslab import AwsLab
from ghostlab import b64, wait_for
from http_load import HttpLoad

PORT, LISTENER, CLASSIC_LISTENER = 8580, 8581, 8582
SERVER = """#!/bin/sh
set -e
mkdir -p "$GHOST_ROOT_DIR/etc/ghost-sandbox/services"
cat >"$GHOST_ROOT_DIR/etc/ghost-sandbox/services/.site" <<'CODE'
#!/usr/bin/python3
import http.server, os, pathlib, urllib.request
root = pathlib.Path(os.environ.get("GHOST_ROOT_DIR") or "/")
(root / "site.pid").write_text(str(os.getpid()))
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
base = os.environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://169.254.169.254") + "/latest/"
token = opener.open(urllib.request.Request(base + "api/token", method="PUT",
                    headers={"X-aws-ec2-metadata-token-ttl-seconds": "60"}), timeout=5).read().decode()
address = opener.open(urllib.request.Request(base + "meta-data/local-ipv4",
                      headers={"X-aws-ec2-metadata-token": token}), timeout=5).read().decode()
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        try:
            status, body = 200, (root / "srv/site/page.html").read_bytes()
        except OSError:
            status, body = 503, b""
        if self.path == "/well" and (root / "srv/site/sick").exists():
            status = 503
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer((address, %d), Handler).serve_forever()
CODE
chmod 755 "$GHOST_ROOT_DIR/etc/ghost-sandbox/services/.site"
mv "$GHOST_ROOT_DIR/etc/ghost-sandbox/services/.site" "$GHOST_ROOT_DIR/etc/ghost-sandbox/services/site"
""" % PORT
# The server comes back a moment after it was killed. A release with the file "broken" in it does not work.
POST_DEPLOY = """#!/bin/sh
echo "in post_deploy"
for i in $(seq 300); do [ -e {hold} ] || break; sleep 0.1; done
kill -9 "$(cat "$GHOST_ROOT_DIR/site.pid")"
[ ! -e broken ] || exit 7
"""


class SafeDeploy(unittest.TestCase):
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
    def load(self, name, port=LISTENER, address=None):
        with HttpLoad(address or self.balancer.address, port) as load:
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

    def test_nobody_notices(self):
        for strategy, revision in (("1by1", "v2"), ("25%", "v3"), ("50%", "v4")):
            with self.subTest(strategy), self.load(f"safe deploy {strategy}") as load:
                job = self.finish(self.submit(revision, "serial", strategy))
            self.assertEqual(load.failures, [], self.lab.log(job["_id"]))
            self.assertEqual(set(self.pages().values()), {f"version {revision[1:]}\n"})
            self.assert_calm()
        log = self.lab.log(job["_id"])
        self.assertLess(log.index("in 2 batches (50%)"), log.index("Batch 1 of 2"))
        self.assertIn("Each batch is taken out of target group targetgroup/safe/", log)

    def test_a_release_that_fails_goes_back(self):
        before = self.pages()
        with self.load("a release that fails") as load:
            job = self.finish(self.submit("broken", "serial", "1by1"), "failed")
        print(job["message"] + "\n" + self.lab.log(job["_id"]), flush=True)
        self.assertEqual(load.failures, [], self.lab.log(job["_id"]))
        self.assertEqual(self.pages(), before)
        self.assertIn("exited with code 7", job["message"])
        self.assertIn("the previous release is wanted again; unchanged: ", job["message"])
        self.assert_calm()

    def test_a_release_that_is_not_well_goes_back(self):
        before = self.pages()
        self.lab.change_app(self.app_id, modules=[self.checked])
        try:
            with self.load("a release that is not well") as load:
                job = self.finish(self.submit("sick", "serial", "1by1"), "failed")
        finally:
            self.lab.change_app(self.app_id, modules=[self.module])
        self.assertEqual(load.failures, [], self.lab.log(job["_id"]))
        self.assertEqual(self.pages(), before)
        self.assertIn("the last answer: status 503", job["message"])
        self.assert_calm()

    def test_an_instance_is_killed_in_the_middle(self):
        self.hold.touch()
        with self.load("an instance killed in the middle") as load:
            job_id = self.submit("v5", "serial", "1by1")
            self.wait_words(job_id, "in post_deploy")
            victim = [line for line in self.lab.log(job_id).splitlines() if "in post_deploy" in line][0].split("[")[1].split("]")[0]
            self.lab.boto("ec2").terminate_instances(InstanceIds=[victim])
            self.hold.unlink()
            job = self.finish(job_id)
            self.assertEqual(load.failures, [], self.lab.log(job_id))
            self.in_service(4)
        self.assertEqual(load.failures, [], self.lab.log(job_id))
        self.assertNotIn(victim, self.pages())
        self.assertEqual(set(self.pages().values()), {"version 5\n"}, job["message"])
        self.assert_calm()

    def test_the_controller_is_killed_in_the_middle(self):
        with self.load("the controller killed in the middle") as load:
            job_id = self.submit("v6", "serial", "1by1")
            for words in ("Taking out of", "in post_deploy", "Batch 2 of 4", "Putting back into"):
                self.wait_words(job_id, words)
                self.lab.restart_controller()
                if words == "in post_deploy":
                    self.lab.restart_controller()
                    break
            job = self.finish(job_id)
        self.assertEqual(load.failures, [], self.lab.log(job_id))
        self.assertEqual(set(self.pages().values()), {"version 6\n"}, job["message"])
        self.assert_calm()

    def test_without_care_requests_do_fail(self):
        with self.load("parallel, without a safe strategy") as load:
            self.finish(self.submit("v7", "parallel"))
            wait_for("somebody to notice", lambda: load.failures, 60)
        self.assert_calm()

    def test_through_a_classic_balancer(self):
        lab, scaling = self.lab, self.lab.boto("autoscaling")
        elb = lab.boto("elb")
        address = elb.create_load_balancer(
            LoadBalancerName="safe-classic", Subnets=lab.cloud["subnet_ids"][:1],
            Listeners=[{"Protocol": "HTTP", "LoadBalancerPort": CLASSIC_LISTENER, "InstanceProtocol": "HTTP", "InstancePort": PORT}],
        )["DNSName"]
        elb.configure_health_check(LoadBalancerName="safe-classic", HealthCheck={
            "Target": f"HTTP:{PORT}/", "Interval": 5, "Timeout": 2, "UnhealthyThreshold": 2, "HealthyThreshold": 2})
        elb.modify_load_balancer_attributes(LoadBalancerName="safe-classic", LoadBalancerAttributes={
            "ConnectionDraining": {"Enabled": True, "Timeout": 10}})
        scaling.attach_load_balancers(AutoScalingGroupName=self.group, LoadBalancerNames=["safe-classic"])

        def serving():
            states = elb.describe_instance_health(LoadBalancerName="safe-classic")["InstanceStates"]
            return [state["State"] for state in states] == ["InService"] * 4

        wait_for("the classic load balancer to serve", serving, 60)
        scaling.detach_load_balancer_target_groups(AutoScalingGroupName=self.group, TargetGroupARNs=[self.balancer.target_group])
        wait_for("the target group to be left", lambda: not lab.healthy_targets(self.balancer.target_group), 60)
        settings = {"load_balancer_type": "elb", "wait_before_deploy": 0, "wait_after_deploy": 0}
        lab.change_app(self.app_id, **{"safe-deployment": settings})
        try:
            with self.load("safe deploy 1by1, classic", CLASSIC_LISTENER, address) as load:
                job = self.finish(self.submit("v8", "serial", "1by1"))
            self.assertEqual(load.failures, [], lab.log(job["_id"]))
            self.assertEqual(set(self.pages().values()), {"version 8\n"})
            wait_for("all to be in the classic load balancer", serving, 60)
        finally:
            scaling.attach_load_balancer_target_groups(AutoScalingGroupName=self.group, TargetGroupARNs=[self.balancer.target_group])
            scaling.detach_load_balancers(AutoScalingGroupName=self.group, LoadBalancerNames=["safe-classic"])
            lab.change_app(self.app_id, **{"safe-deployment": {**settings, "load_balancer_type": "alb"}})
        self.assert_calm()


if __name__ == "__main__":
    unittest.main()
