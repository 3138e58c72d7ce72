/* What survives a restart of the agent, and a cut of its link: tasks, fetches, lines, ways back. */
#include "agent_lab.h"

#include <glob.h>

static void a_fetch_goes_on_after_a_cut_and_after_a_kill(void **state) {
        Lab *lab = *state;
        CLEANUP(package_free) PackageMaker *big = package_new("web", "/srv/web", "big");
        CLEANUP(free) char *noise = xcalloc(1, 3 << 20);
        Ghost__Receipt *receipt = NULL;

        crypto_random(noise, 3 << 20);
        package_add_file(big, "noise", noise, 3 << 20);
        package_seal(big, lab->controller->key);
        lab->controller->packages[0] = big;
        start_agent(lab);
        lab->controller->hold_pack_after = 1 << 20;
        CLEANUP(free) char *task_id = order_deploy(lab, big, false);
        fake_until(lab->controller, lab->controller->held);
        fake_cut(lab->controller);
        lab->controller->held = false;
        lab->controller->hold_pack_after = 2 << 20;
        fake_until(lab->controller, lab->controller->held);
        end_agent(lab, SIGKILL);
        lab->controller->hold_pack_after = 0;
        start_agent(lab);
        fake_until(lab->controller, (receipt = fake_receipt_of(lab->controller, task_id)));
        assert_true(receipt->ok);
        assert_true(lab->controller->pack_bytes_sent < big->pack.length + (256 << 10));
        CLEANUP(free) char *content = temp_read(lab->root, "srv/web/noise");
        assert_memory_equal(content, noise, 3 << 20);
}

static void a_part_that_is_cut_goes_on_after_a_kill(void **state) {
        enum { SAME = 3 << 20, NEW = 3 << 20 };
        Lab *lab = *state;
        CLEANUP(free) char *noise = xcalloc(1, SAME + NEW);
        crypto_random(noise, SAME + NEW);
        CLEANUP(package_free) PackageMaker *one = two_files(lab, 0, "v1", noise, SAME);
        CLEANUP(package_free) PackageMaker *two = package_new("web", "/srv/web", "v2");
        Ghost__Receipt *receipt = NULL;

        package_add_file(two, "new", noise + SAME, NEW);
        package_add_file(two, "noise", noise, SAME);
        package_seal(two, lab->controller->key);
        lab->controller->packages[1] = two;
        start_agent(lab);
        assert_deployed(lab, one);
        uint64_t before = lab->controller->pack_bytes_sent;
        lab->controller->hold_pack_after = before + (2 << 20);
        CLEANUP(free) char *task_id = order_deploy(lab, two, false);
        fake_until(lab->controller, lab->controller->held);
        end_agent(lab, SIGKILL);
        lab->controller->held = false;
        lab->controller->hold_pack_after = 0;
        start_agent(lab);
        fake_until(lab->controller, (receipt = fake_receipt_of(lab->controller, task_id)));
        assert_true(receipt->ok);
        assert_int_equal(receipt->bytes_reused, SAME);
        /* A frame is had whole or fetched anew. */
        assert_true(lab->controller->pack_bytes_sent - before < NEW + (5 << 18));
        CLEANUP(free) char *content = temp_read(lab->root, "srv/web/new");
        assert_memory_equal(content, noise + SAME, NEW);
}

static void kill_in(Lab *lab, const char *hook) {
        CLEANUP(free) char *script = blocking_hook(lab, hook);
        bool before = strcmp(hook, "pre_deploy") == 0;
        CLEANUP(package_free) PackageMaker *one = make(lab, "v1", NULL, "#!/bin/sh\necho post of v1 again\n");
        CLEANUP(package_free)
        PackageMaker *two = make(lab, "v2", before ? script : NULL, before ? NULL : script);
        CLEANUP(free) char *mark = xasprintf("at_%s", hook);
        Ghost__Receipt *receipt = NULL;

        start_agent(lab);
        assert_deployed(lab, one);
        CLEANUP(free) char *task_id = order_deploy(lab, two, false);
        fake_until(lab->controller, temp_has(lab->folder, mark));
        assert_content(lab->root, "srv/web/version", before ? "v1" : "v2");
        end_agent(lab, SIGKILL);
        start_agent(lab);
        fake_until(lab->controller, (receipt = fake_receipt_of(lab->controller, task_id)));
        assert_false(receipt->ok);
        assert_string_equal(receipt->message, "the agent was restarted in the middle of this task");
        assert_string_equal(receipt->modules[0]->manifest_sha256, one->sha256);
        assert_int_equal(receipt->n_hooks, before ? 0 : 1);
        assert_content(lab->root, "srv/web/version", "v1");
        assert_deployed(lab, one);
}

static void killed_in_pre_deploy_it_stands_where_it_stood(void **state) {
        kill_in(*state, "pre_deploy");
}

static void killed_in_post_deploy_it_goes_back(void **state) {
        kill_in(*state, "post_deploy");
}

/* That it was acknowledged may not have been written yet. */
static void forget_receipts(const Lab *lab) {
        static const char *const names[] = { "receipt", "acknowledged" };

        for (int i = 0; i < 2; i++) {
                CLEANUP(free) char *pattern = xasprintf("%s/*/*/%s", lab->state, names[i]);
                glob_t found;
                int outcome = glob(pattern, 0, NULL, &found);

                if (i == 1 && outcome == GLOB_NOMATCH)
                        continue;
                assert_int_equal(outcome, 0);
                for (size_t k = 0; k < found.gl_pathc; k++)
                        assert_int_equal(unlink(found.gl_pathv[k]), 0);
                globfree(&found);
        }
}

/* Its release stands, which is after its check. */
static void killed_before_the_receipt_its_health_check_is_told(void **state) {
        static const char script[] = "#!/bin/sh\nexit 0\n";
        Lab *lab = *state;
        CLEANUP(package_free) PackageMaker *one = make(lab, "v1", NULL, NULL);
        Ghost__HealthCheck check = GHOST__HEALTH_CHECK__INIT;

        check.kind = GHOST__HEALTH_KIND__HEALTH_KIND_COMMAND;
        check.command = (ProtobufCBinaryData){ sizeof(script) - 1, (uint8_t *) script };
        start_agent(lab);
        CLEANUP(free) char *task_id = order_deploy_checked(lab, one, false, &check);
        fake_until(lab->controller, fake_receipt_of(lab->controller, task_id));
        unsigned before = lab->controller->sessions;
        size_t receipts = lab->controller->receipt_count;
        end_agent(lab, SIGTERM);
        forget_receipts(lab);
        start_agent(lab);
        fake_until(
                lab->controller,
                lab->controller->sessions > before && lab->controller->receipt_count > receipts);
        const Ghost__Receipt *receipt = lab->controller->receipts[receipts];
        assert_true(receipt->ok);
        assert_int_equal(receipt->n_health, 1);
        assert_true(receipt->health[0]->ok);
        assert_string_equal(receipt->health[0]->module, "web");
        assert_string_equal(receipt->health[0]->kind, "command");
}

static void no_line_is_lost_or_doubled(void **state) {
        Lab *lab = *state;
        CLEANUP(package_free)
        PackageMaker *one =
                make(lab, "v1", "#!/bin/sh\ni=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); done\n",
                     NULL);
        Ghost__Receipt *receipt = NULL;

        start_agent(lab);
        lab->controller->lost_acks = 1000;
        CLEANUP(free) char *task_id = order_deploy(lab, one, false);
        fake_until(
                lab->controller,
                lab->controller->log.data && strstr(lab->controller->log.data, "line 100\n"));
        fake_cut(lab->controller);
        fake_until(lab->controller, (receipt = fake_receipt_of(lab->controller, task_id)));
        end_agent(lab, SIGKILL);
        lab->controller->lost_acks = 0;
        start_agent(lab);
        unsigned sessions = lab->controller->sessions;
        fake_until(lab->controller, lab->controller->sessions > sessions);
        assert_deployed(lab, one);

        const char *at = lab->controller->log.data;
        for (int i = 0; i < 3000; i++) {
                CLEANUP(free) char *line = xasprintf("\nline %d\n", i);
                const char *found = strstr(at, line);
                if (!found) {
                        fail_msg("line %d is lost", i);
                        return;
                }
                at = found;
        }
        assert_true(receipt->ok);
        assert_true(receipt->log_bytes > 20000);
}

static void the_same_task_is_not_run_twice(void **state) {
        Lab *lab = *state;
        CLEANUP(package_free) PackageMaker *one = make(lab, "v1", NULL, "#!/bin/sh\necho ran\n");

        start_agent(lab);
        assert_deployed(lab, one);
        unsigned receipts = lab->controller->receipt_count;
        lab->orders = 0;
        CLEANUP(free) char *task_id = order_deploy(lab, one, false);
        fake_until(lab->controller, lab->controller->receipt_count > receipts);
        assert_true(fake_receipt_of(lab->controller, task_id)->ok);
        const char *first = strstr(lab->controller->log.data, "\nran\n");
        assert_non_null(first);
        assert_null(strstr(first + 1, "\nran\n"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                LAB_TEST(a_fetch_goes_on_after_a_cut_and_after_a_kill),
                LAB_TEST(a_part_that_is_cut_goes_on_after_a_kill),
                LAB_TEST(killed_in_pre_deploy_it_stands_where_it_stood),
                LAB_TEST(killed_in_post_deploy_it_goes_back),
                LAB_TEST(killed_before_the_receipt_its_health_check_is_told),
                LAB_TEST(no_line_is_lost_or_doubled),
                LAB_TEST(the_same_task_is_not_run_twice),
        };

        return cmocka_run_group_tests_name("agent restart", tests, NULL, NULL);
}
