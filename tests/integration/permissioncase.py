"""What a command does when it lacks one permission after the other. Which ones it needs is read from an undisturbed run."""
from awslab import LIVING
from faultlab import FaultCase
from ghostlab import wait_for

# What the janitor alone asks meanwhile, beside a command that has no need of it.
JANITORS = ("DescribeVolumes", "DescribeNetworkInterfaces")
QUERY = ("autoscaling", "elasticloadbalancing", "iam", "sts")  # they say AccessDenied; EC2 says UnauthorizedOperation
ENCODED = "hcaMQK7PcVyPzSaFTDWTRd3Pb3lOYnXyzLwa" * 20


def refusal(service, action):
    """As AWS words it."""
    if service in QUERY:
        return {"error": "AccessDenied", "status": 403, "message": f"User: arn:aws:iam::123456789012:user/ghost is not authorized to perform: "
                f"{service}:{action} on resource: * because no identity-based policy allows the {service}:{action} action"}
    return {"error": "UnauthorizedOperation", "status": 403, "message": "You are not authorized to perform this operation. User: "
            f"arn:aws:iam::123456789012:user/ghost is not authorized to perform: ec2:{action} on resource: * because no identity-based "
            f"policy allows the ec2:{action} action. Encoded authorization failure message: {ENCODED}"}


class PermissionCase(FaultCase):
    DISPENSABLE = {}  # {command: actions without which it is done all the same, and says so in its log}
    SETTINGS = {"aws.janitor_interval": "1s"}  # what a job may not remove, it removes once it may

    def needed(self, name, run):
        """What an undisturbed run calls."""
        self.lab.forget_calls()
        run("done")
        others = () if name == "buildimage" else JANITORS
        return sorted({(call["service"], call["action"]) for call in self.lab.calls()
                       if call["service"] not in ("s3", "-") and call["action"] not in others})

    def sweep(self, name, run, prepare=lambda: None, others=()):
        prepare()
        needed = [call for call in self.needed(name, run) if call[1] not in others]
        told = 0
        for service, action in needed:
            with self.subTest(command=name, action=action):
                self.lab.clear_faults()
                prepare()
                self.lab.fault(service=service, action=action, count=0, **refusal(service, action))
                self.lab.forget_calls()
                job = run(None)
                if not [c for c in self.lab.calls() if c["fault"]]:
                    self.assertEqual(job["status"], "done", job["message"])  # it had no need of it this time
                elif action in self.DISPENSABLE.get(name, ()):
                    self.assertEqual(job["status"], "done", job["message"])
                    self.assertIn(f"{action}: {refusal(service, action)['error']}", self.lab.log(job["_id"]))
                else:
                    self.assertEqual(job["status"], "failed", f"{name} without {action}: {self.lab.log(job['_id'])[-1500:]}")
                    self.assertIn(action, job["message"])
                    self.assertIn(refusal(service, action)["error"], job["message"])
                    self.assertIn(f"{action} action", job["message"])
                    self.assertNotIn(ENCODED[:40], job["message"])
                    told += 1
                self.lab.clear_faults()
                self.check(job)
        print(f"{name}: {len(needed)} actions, {told} refusals told")

    def check(self, job):
        """Nothing is left once the janitor may have what the job was not allowed to remove."""
        self.expire(job)
        wait_for("no instance of the job to live", lambda: job["status"] == "done" or not self.living_of(job), 30)
        self.lab.assert_nothing_left(self)

    def expire(self, job):
        """As if the time of all that carries a deadline were over: only then the janitor takes it."""
        for thing, tags in self.lab.sandbox_state()["tags"].items():
            if tags.get("ghost:job") == job["_id"] and "ghost:deadline" in tags:
                self.lab.boto("ec2").create_tags(Resources=[thing], Tags=[{"Key": "ghost:deadline", "Value": "1"}])

    def living_of(self, job):
        state = self.lab.sandbox_state()
        return [i["id"] for i in state["instances"] if i["state"] in LIVING and state["tags"].get(i["id"], {}).get("ghost:job") == job["_id"]]

    def command(self, app_id, command, **fields):
        def run(expect):
            job = self.lab.wait_job(self.lab.submit(app_id, command, **fields), 120)
            if expect:
                self.assertEqual(job["status"], expect, job["message"])
            return job
        return run
