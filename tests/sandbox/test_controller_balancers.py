"""The controller's own AWS code (balance.c) with the sandbox's load balancers, with and without failures."""
import subprocess
import sys
import unittest

from balancer_case import Elbv2Case, boto3

BALANCE = None  # the program; given as first argument


@unittest.skipUnless(boto3, "python3-boto3 is not installed")
class ControllerBalancers(Elbv2Case):
    def test_in_and_out_of_both_kinds(self):
        self.balance(8080)

    def test_lost_and_broken_replies(self):
        for action in ("CreateTargetGroup", "RegisterTargets", "DeregisterTargets", "CreateLoadBalancer",
                       "RegisterInstancesWithLoadBalancer"):
            self.sandbox.control("faults", {"service": "elasticloadbalancing", "action": action, "when": "reset"})
        self.sandbox.control("faults", {"action": "DescribeTargetHealth", "when": "truncate", "nth": 2})
        self.sandbox.control("faults", {"action": "DescribeInstanceHealth", "error": "Throttling", "status": 400})
        self.balance(8081)

    def balance(self, port):
        about = self.sandbox.about
        one, = self.run_instances()
        server = self.serve(one, port)
        balancer = self.balancer("controller-alb")
        listener, _ = self.listener(balancer, {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}})
        self.addCleanup(self.clean_up, balancer["LoadBalancerArn"])
        done = subprocess.run([BALANCE, about["endpoint"], about["access_key"], about["secret_key"], about["region"],
                               self.vpc, self.subnets[0], one, str(port), listener, str(next(self.ports))],
                              capture_output=True, text=True, check=False, timeout=90)
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout)
        lines = done.stdout.splitlines()
        self.assertEqual(lines[:2], [f"group controller HTTP:{port} /health 200-299 2/5 20",
                                     "rule default forwards to the group"])
        states = [line for line in lines if line.startswith("target ")]
        self.assertTrue(states[0].startswith("target initial Elb."), states)
        self.assertEqual(states[-3:], ["target healthy -", "target draining Target.DeregistrationInProgress",
                                       "target unused Target.NotRegistered"])
        self.assertEqual([line for line in lines if line.startswith("classic ")],
                         [f"classic controller HTTP:{port}/health {count} instances, drains 20" for count in (1, 0)])
        states = [line for line in lines if line.startswith("instance ")]
        self.assertEqual((states[0], states[-1]), ("instance OutOfService ELB", "instance InService N/A"))
        self.assertGreaterEqual(server.checks, 3)

    def clean_up(self, balancer):
        self.elbv2.delete_load_balancer(LoadBalancerArn=balancer)
        for group in self.elbv2.describe_target_groups(Names=["controller"])["TargetGroups"]:
            self.elbv2.delete_target_group(TargetGroupArn=group["TargetGroupArn"])


if __name__ == "__main__":
    BALANCE = sys.argv.pop(1)
    unittest.main()
