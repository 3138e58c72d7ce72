#!/usr/bin/env python3
"""What AWS does to those who believe it: a table of faults, the tests that show each one's outcome, and those that need a whole lab.

After every one the same must hold: nothing of the job's is left, and no launch was made twice."""
import pathlib
import re
import unittest

from faultlab import FaultCase
from ghostlab import wait_for

TESTS = pathlib.Path(__file__).resolve().parents[1]

# number: (fault, tests that show its outcome). A test is named by its function; where none can be had here, the reason stands in ().
FAULTS = {
    1: ("connection refused, TLS error, wrong certificate", ["each_fault_has_its_kind", "throttled_and_transient_failures_are_sent_again",
                                                            "test_aws_is_away_for_a_while", "nobody_is_believed_without_authorities",
                                                            "a_certificate_that_is_not_believed_is_no_passing_trouble",
                                                            "test_nobody_is_there", "test_somebody_else_is_there"]),
    2: ("reset after the call took effect", ["lost_answers_make_no_orphans", "a_repeated_launch_is_the_same_launch",
                                             "test_answers_that_are_lost", "test_1_the_first_update_of_a_group",
                                             "test_2_updateautoscaling", "test_3_members"]),
    3: ("a reply that is cut", ["test_answers_that_are_cut", "a_cut_download_goes_on_where_it_ended"]),
    4: ("slow drip, stall", ["a_call_can_be_cancelled_and_has_a_deadline", "test_answers_that_drip",
                               "test_an_answer_that_does_not_come_ends_by_its_deadline", "a_service_that_drips_is_given_up"]),
    5: ("500, 502, 504, HTML, empty body", ["attempts_come_to_an_end", "test_servers_in_trouble"]),
    6: ("throttling", ["a_service_in_trouble_takes_no_retries_of_others", "a_throttled_answer_slows_us_down_and_time_speeds_us_up",
                       "the_server_may_ask_for_a_longer_pause", "test_throttling", "test_a_long_burst_of_throttling"]),
    7: ("garbage, XML bombs, wrong roots, 100 MB", ["damaged_and_hostile_documents_are_refused", "an_answer_full_of_entities_is_not_expanded",
                                                    "an_answer_that_is_none_of_aws_is_asked_for_again", "test_hostile_answers",
                                                    "test_hostile_answers_are_asked_for_again", "test_answers_that_stay_hostile_end_the_job",
                                                    "test_lists_that_stay_hostile_end_the_job",
                                                    "test_answers_that_are_written_oddly_are_understood"]),
    8: ("a new instance is not to be seen", ["a_wait_bears_with_what_is_not_visible_yet", "what_never_appears_does_not_exist",
                                             "test_a_new_instance_is_not_to_be_seen", "one_that_is_seen_and_not_seen_is_waited_for",
                                             "test_an_instance_that_comes_and_goes", "test_one_that_is_hidden_is_ended_all_the_same"]),
    9: ("NotFound of an instance that lives", ["one_that_is_not_found_and_lives_is_ended_all_the_same", "test_an_instance_said_to_be_gone_lives"]),
    10: ("tags or states that lag behind", ["a_snapshot_that_came_without_tags_gets_them", "what_is_not_to_be_seen_yet_is_asked_for_again",
                                         "test_late_tags", "test_late_tags_hide_nothing_from_the_clean_up",
                                         "test_an_old_state_is_not_believed", "test_old_health_lets_no_batch_go_on"]),
    11: ("sessions that end in the middle", ["expired_credentials_are_renewed_once", "an_ended_session_looks_like_an_old_request",
                                             "an_old_set_serves_while_renewal_fails", "test_a_life_in_another_account",
                                             "test_one_renewal_that_fails_is_made_again",
                                             "an_expired_set_of_the_metadata_service_is_used_for_a_while",
                                             "test_a_trust_withdrawn_in_the_middle_is_felt_when_the_session_ends"]),
    12: ("clock skew", ["a_wrong_clock_is_corrected_by_the_servers", "test_a_wrong_clock"]),
    13: ("no capacity, quotas", ["a_full_subnet_is_followed_by_the_next", "test_no_capacity_here_but_there", "test_a_quota_is_told"]),
    14: ("instances that die or hang on their way", ["an_instance_that_dies_while_it_boots_is_not_waited_for",
                                                     "a_dead_end_ends_the_wait_with_its_reason", "test_a_builder_that_dies_at_launch",
                                                     "test_an_instance_that_stays_pending", "test_a_builder_that_does_not_stop",
                                                     "test_an_instance_that_is_ill"]),
    15: ("Spot interruption", ["a_spot_builder_that_is_taken_away_is_followed_by_one_on_demand", "without_spot_capacity_a_builder_is_on_demand",
                               "test_a_builder_with_a_notice_is_followed_by_one_on_demand", "test_a_member_is_drained_before_it_ends",
                               "test_one_that_goes_in_the_middle_of_a_deploy_does_not_fail_it"]),
    16: ("images that fail, hang, or whose name is taken", ["an_image_that_gets_no_further_is_given_up", "an_image_name_taken_by_this_job_is_adopted",
                                                            "test_an_image_that_fails", "test_an_image_name_that_is_somebody_elses"]),
    17: ("a permission that is missing", ["a_refusal_ends_where_it_cannot_be_read", "test_a_builder_that_may_not_be_ended_is_told_until_it_may",
                                          "a_refusal_is_said_and_tried_again", "test_a_missing_permission_is_named",
                                          "one_that_nobody_uses_is_ended_at_the_second_look",
                                          "test_one_that_may_neither_be_looked_at_nor_ended",
                                          "test_rights_that_a_launch_needs_besides"]),
    18: ("Auto Scaling in the way", ["only_what_it_suspended_is_resumed", "test_a_group_that_is_busy", "test_the_controller_dies_while_a_group_is_rolled",
                                    "test_an_activity_in_progress_is_waited_for", "test_launches_that_fail_are_told_in_the_groups_words",
                                    "test_a_deploy_outlives_the_controller_and_unhealthy_instances",
                                    "test_an_instance_that_the_group_ends_in_the_middle",
                                    "test_a_member_that_the_group_ends_in_the_middle_of_a_deploy",
                                    "test_zones_are_balanced_once_a_deploy_is_over",
                                    "test_a_balancing_that_had_begun_is_waited_for",
                                    "test_zones_stay_as_they_are_while_a_group_is_rolled"]),
    19: ("lifecycle hooks", ["test_a_group_that_fails_launches_no_more", "test_a_hook_that_holds_nobody",
                             "test_somebody_else_completes_the_hook", "test_a_hook_that_runs_out",
                             "test_instances_that_never_join", "one_that_was_not_ready_in_time_counts_once",
                             "test_a_bake_of_the_other", "test_instances_of_the_other", "test_a_job_of_the_other_that_fails",
                             "test_deploys_of_both_at_once"]),
    20: ("instance refresh", ["a_refresh_of_somebody_elses_ends_it_before_the_next_batch", "test_a_refresh_of_somebody_elses",
                              "(Ghost rolls groups itself and starts none)"]),
    21: ("targets that hang", ["new_instances_that_do_not_serve_are_ended_again", "a_group_that_is_not_well_is_not_touched",
                               "draining_ends_as_soon_as_the_targets_are_gone", "test_a_target_that_stays_initial",
                               "test_a_target_that_drains_for_ever", "test_a_target_group_that_nobody_uses",
                               "test_a_target_group_that_goes_meanwhile", "nothing_is_waited_for_where_nobody_is_served",
                               "test_a_listener_that_goes_meanwhile", "one_whose_listener_goes_is_not_in_service_any_more",
                               "test_a_zone_that_the_load_balancer_does_not_serve",
                               "one_in_a_zone_that_is_not_served_is_not_in_service"]),
    22: ("pages", ["pages_are_followed_to_the_end", "pages_that_come_again_are_an_error",
                   "a_list_whose_token_is_not_known_any_more_is_read_anew", "what_two_pages_show_is_read_once_as_it_is_now",
                   "test_all_of_the_applications_instances_are_found", "test_a_bake_reads_its_lists_to_the_end",
                   "test_pages_that_never_end_fail_the_job", "test_the_janitor_misses_nothing",
                   "test_the_janitor_says_what_it_cannot_read"]),
    23: ("S3", ["what_is_no_list_is_asked_for_again", "the_region_that_s3_names_is_used_and_kept", "wrong_bytes_are_not_believed", "an_old_url_is_renewed_once",
                "test_an_instance_that_the_bucket_refuses_is_served_by_the_controller", "test_putting_in_trouble",
                "test_putting_that_is_not_allowed", "test_fetching_in_trouble", "test_bytes_that_stay_wrong_are_never_installed",
                "test_a_source_whose_list_fails_is_not_taken_for_empty"]),
    24: ("STS", ["a_trust_that_is_not_there_is_said_and_not_retried", "a_refused_set_is_assumed_again_once", "test_a_life_in_another_account",
                 "test_a_throttled_and_slow_sts_is_waited_for", "test_a_session_that_is_still_good_is_used_when_sts_is_away",
                 "test_a_wrong_external_id_is_told", "test_a_role_of_short_sessions_is_used_as_it_is"]),
    25: ("instance metadata and identity", ["a_token_that_ran_out_is_replaced", "a_stranger_is_not_believed", "a_copied_document_is_worth_nothing",
                                            "test_somebody_elses_instance_stays_out"]),
    26: ("mail", ["what_fails_is_tried_again_under_its_name", "what_is_refused_is_given_up_and_shown"]),
    27: ("kill -9 of the controller anywhere", ["test_buildimage", "test_first_updateautoscaling", "test_it_opens", "test_what_is_left_goes",
                                                "test_safe_deploy", "test_executescript",
                                                "a_bake_survives_the_death_of_the_controller_anywhere",
                                                "it_goes_on_after_the_controllers_death_anywhere"]),
}


class Table(unittest.TestCase):
    def test_every_fault_has_a_test_that_exists(self):
        text = "\n".join(path.read_text() for pattern in ("unit/**/*.c", "integration/*.py") for path in TESTS.glob(pattern))
        defined = set(re.findall(r"^static void (\w+)\(void \*\*state\)|^    def (test_\w+)\(self", text, re.M))
        known = {name for pair in defined for name in pair if name}
        self.assertEqual(sorted(FAULTS), list(range(1, 28)))
        for number, (fault, tests) in FAULTS.items():
            self.assertTrue(tests, fault)
            self.assertEqual([t for t in tests if not t.startswith("(") and t not in known], [], f"{number}: {fault}")


class Faults(FaultCase):
    def test_aws_is_away_for_a_while(self):
        """Every call's connection is reset unanswered, for as long as the controller's patience allows."""
        self.lab.fault(when="reset-before", count=3)
        self.bake()

    def test_answers_that_are_lost(self):
        for action in ("RunInstances", "CreateImage", "TerminateInstances", "StopInstances", "DeleteTags"):
            with self.subTest(action):
                self.lab.clear_faults()
                self.lab.fault(action=action, when="reset")
                self.bake()

    def test_answers_that_are_cut(self):
        for kind in ("truncate", "short", "chunked-truncate"):
            for action in ("DescribeInstances", "DescribeImages", "RunInstances"):
                with self.subTest(kind, action=action):
                    self.lab.clear_faults()
                    self.lab.fault(action=action, when=kind)
                    self.bake()

    def test_answers_that_drip(self):
        self.lab.fault(action="DescribeInstances", when="drip", seconds=0.001)
        self.bake()

    def test_servers_in_trouble(self):
        for status, body in ((500, "<html><h1>oops</h1></html>"), (502, "<html>bad gateway"), (503, ""), (504, "<html>")):
            with self.subTest(status):
                self.lab.clear_faults()
                self.lab.fault(action="DescribeInstances", when="garbage", status=status, body=body, count=2)
                self.lab.fault(action="CreateImage", when="garbage", status=status, body=body)
                self.bake()

    def test_throttling(self):
        self.lab.fault(error="RequestLimitExceeded", status=503, count=4)
        self.lab.forget_calls()
        self.bake()
        self.assertGreaterEqual(len([c for c in self.lab.calls() if c["error"] == "RequestLimitExceeded"]), 4)

    def test_hostile_answers(self):
        for kind in ("bomb", "wrong-root", "huge"):
            with self.subTest(kind):
                self.lab.clear_faults()
                self.lab.fault(action="DescribeImages", when=kind)
                job = self.lab.wait_job(self.lab.submit(self.app_id, "buildimage"), 120)
                # Believed or asked for again: what it may not do is end the controller, or leave something behind.
                self.assertIn(job["status"], ("done", "failed"))
                self.assertEqual(self.lab.get("/health")["status"], "ok")
                self.lab.assert_nothing_left(self)
        self.lab.clear_faults()
        self.bake()

    def test_a_new_instance_is_not_to_be_seen(self):
        self.lab.fault(when="invisible", polls=6)
        self.create()
        self.lab.fault(when="invisible", polls=6)
        self.bake()

    def test_an_instance_said_to_be_gone_lives(self):
        self.lab.fault(action="TerminateInstances", error="InvalidInstanceID.NotFound", status=400)
        self.bake()
        self.lab.clear_faults()
        self.lab.run(self.app_id, "createinstance")
        self.lab.fault(action="TerminateInstances", error="InvalidInstanceID.NotFound", status=400)
        self.lab.run(self.app_id, "destroyallinstances")
        self.assertEqual(self.lab.living(self.app_id), [])

    def test_a_wrong_clock(self):
        for seconds in (600, -600):
            with self.subTest(seconds):
                self.lab.ask_sandbox("POST", "skew", {"seconds": seconds})
                self.create()

    def test_no_capacity_here_but_there(self):
        self.lab.fault(action="RunInstances", error="InsufficientInstanceCapacity", status=500)
        job = self.lab.run(self.app_id, "createinstance")
        (instance,) = self.lab.living(self.app_id)
        self.assertEqual(instance["subnet"], self.lab.cloud["subnet_ids"][1])
        self.assertIn("No room in", self.lab.log(job["_id"]))
        self.lab.run(self.app_id, "destroyallinstances")

    def test_a_quota_is_told(self):
        self.lab.fault(action="RunInstances", error="VcpuLimitExceeded", message="You have requested more vCPU capacity", status=400)
        self.lab.forget_calls()
        job = self.create("failed")
        self.assertIn("VcpuLimitExceeded", job["message"])
        self.assertEqual(len([c for c in self.lab.calls() if c["action"] == "RunInstances"]), 1)  # not hammered

    def test_a_builder_that_dies_at_launch(self):
        self.lab.fault(when="launch-fails", error="Client.VolumeLimitExceeded")
        job = self.bake("failed")
        self.assertIn("Client.VolumeLimitExceeded", job["message"])

    def test_an_image_that_fails(self):
        self.lab.fault(when="image-fails", error="Client.InternalError")
        job = self.bake("failed")
        self.assertIn("Client.InternalError", job["message"])

    def test_an_image_name_that_is_somebody_elses(self):
        self.lab.fault(action="CreateImage", error="InvalidAMIName.Duplicate", status=400)
        job = self.bake("failed")
        self.assertIn("exists and is not of this job", job["message"])

    def test_a_missing_permission_is_named(self):
        for action in ("RunInstances", "CreateImage", "StopInstances", "DescribeImages", "DeleteTags"):
            with self.subTest(action):
                self.lab.clear_faults()
                self.lab.fault(action=action, error="UnauthorizedOperation", status=403, count=0)
                job = self.bake("failed")
                self.assertIn(action, job["message"])
                self.assertIn("UnauthorizedOperation", job["message"])

    def test_a_group_that_is_busy(self):
        lab = self.lab
        group = lab.group("busy")
        app_id = lab.create_app([self.module], name="busy")
        lab.run(app_id, "buildimage")
        lab.change_app(app_id, autoscale={"name": group, "min": 0, "max": 2})
        lab.fault(service="autoscaling", action="UpdateAutoScalingGroup", error="ResourceContention", status=500, count=2)
        lab.fault(service="autoscaling", action="CreateOrUpdateTags", error="ResourceContention", status=500)
        lab.run(app_id, "updateautoscaling")
        self.assertEqual(lab.suspended(group), [])
        lab.clear_faults()
        lab.fault(service="autoscaling", action="UpdateAutoScalingGroup", error="AccessDenied", status=403, count=0)
        lab.change_app(app_id, instance_type="t3.small")
        job = lab.run(app_id, "updateautoscaling", expect="failed")
        self.assertIn("UpdateAutoScalingGroup", job["message"])
        self.assertEqual(lab.suspended(group), [])

    def test_a_hook_that_holds_nobody(self):
        """Its answer was lost, or it ran out: the next look shows how the instance stands."""
        lab = self.lab
        group = lab.group("hooked")
        app_id = lab.create_app([self.module], name="hooked")
        lab.run(app_id, "buildimage")
        lab.change_app(app_id, autoscale={"name": group, "min": 0, "max": 2})
        lab.run(app_id, "updateautoscaling")
        lab.fault(service="autoscaling", action="CompleteLifecycleAction", when="reset")
        lab.boto("autoscaling").set_desired_capacity(AutoScalingGroupName=group, DesiredCapacity=1)
        wait_for("it to be in service", lambda: [m["LifecycleState"] for m in lab.group_members(group)] == ["InService"], 90)
        self.assertEqual([i["state"] for i in lab.instances(app_id)], ["ready"])
        lab.boto("autoscaling").set_desired_capacity(AutoScalingGroupName=group, DesiredCapacity=0)
        wait_for("it to be gone", lambda: not lab.group_members(group), 60)


if __name__ == "__main__":
    unittest.main()
