#!/usr/bin/env python3
"""The keys of another account: sessions that end, a trust that is withdrawn, an STS that is slow, throttled or away."""
import unittest

import ghostlab
from awslab import LIVING, AwsLab

ACCOUNT, ROLE, SECRET = "210987654321", "deployer", "between-us"


class Sessions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = lab = cls.enterClassContext(AwsLab())
        repository = ghostlab.Repository(lab.folder / "site")
        repository.commit({"page.html": "one\n"}, "first", tag="v1")
        theirs = lab.account(ACCOUNT, ROLE, external_id=SECRET)
        cls.app_id = lab.create_app(
            [{"name": "site", "git_repo": repository.url, "scope": "code", "path": "/srv/site"}],
            vpc_id=theirs["vpc_id"],
            build_infos={"ssh_username": "admin", "source_ami": theirs["base_image_id"], "subnet_id": theirs["subnet_ids"][0]},
            environment_infos={"subnet_ids": [theirs["subnet_ids"][0]], "security_groups": [theirs["security_group_id"]]},
            assumed_account_id=ACCOUNT, assumed_role_name=ROLE, assumed_external_id=SECRET)
        lab.run(cls.app_id, "buildimage")

    def setUp(self):
        self.trust()
        self.lab.clear_faults()
        self.lab.forget_calls()
        self.addCleanup(self.lab.clear_faults)

    def trust(self, **more):
        """The role as its owner has it: with other words it trusts somebody else, or wants another secret."""
        self.lab.account(ACCOUNT, ROLE, **{"external_id": SECRET, **more})

    def end_sessions(self):
        self.lab.ask_sandbox("POST", "end-sessions", {})

    def create(self, expect="done"):
        """A whole life of an instance there; the job that made it."""
        job = self.lab.run(self.app_id, "createinstance", expect)
        if expect == "done":
            self.lab.run(self.app_id, "destroyallinstances")
        self.assertEqual([i["id"] for i in self.lab.account_instances(ACCOUNT) if i["state"] in LIVING], [])
        return job

    def assumed(self):
        return [call["error"] for call in self.lab.calls() if call["action"] == "AssumeRole"]

    def test_one_renewal_that_fails_is_made_again(self):
        self.end_sessions()
        self.lab.fault(service="sts", action="AssumeRole", error="InternalFailure", status=500)
        self.create()
        self.assertEqual(self.assumed(), ["InternalFailure", None])

    def test_a_throttled_and_slow_sts_is_waited_for(self):
        self.end_sessions()
        self.lab.fault(service="sts", action="AssumeRole", error="Throttling", message="Rate exceeded", status=400, count=2)
        self.lab.fault(service="sts", action="AssumeRole", when="delay", seconds=2, nth=3)
        self.create()
        self.assertEqual(self.assumed(), ["Throttling", "Throttling", None])

    def test_a_session_that_is_still_good_is_used_when_sts_is_away(self):
        self.create()
        self.lab.forget_calls()
        self.lab.fault(service="sts", when="reset-before", count=0)
        self.create()
        self.assertEqual(self.assumed(), [])

    def test_a_trust_withdrawn_in_the_middle_is_felt_when_the_session_ends(self):
        self.create()
        self.trust(trusts="999999999999")
        self.create()
        self.end_sessions()
        job = self.create("failed")
        role = f"arn:aws:iam::{ACCOUNT}:role/{ROLE}"
        self.assertIn(f"role {role}: AssumeRole: AccessDenied: ", job["message"])
        self.assertIn(f"is not authorized to perform: sts:AssumeRole on resource: {role}", job["message"])
        self.assertEqual(set(self.assumed()), {"AccessDenied"})  # as often as it was tried: it is not taken for a passing trouble
        self.trust()
        self.create()

    def test_a_wrong_external_id_is_told(self):
        self.trust(external_id="another-secret")
        self.end_sessions()
        job = self.create("failed")
        self.assertIn("AssumeRole: AccessDenied", job["message"])
        self.assertIn("and the external id of the application", job["message"])

    def test_a_role_of_short_sessions_is_used_as_it_is(self):
        """None of a certain length is asked for, so that a role that may give an hour or less, as in chains, refuses none."""
        self.trust(max_session_seconds=900)
        self.end_sessions()
        self.create()


if __name__ == "__main__":
    unittest.main()
