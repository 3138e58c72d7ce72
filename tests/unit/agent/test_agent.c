/* What a whole agent does with its orders: deploys, failures, ways back, images. */
#include "agent_lab.h"

#include <sys/mount.h>

static void it_enrols_then_deploys_one_version_after_the_other(void **state) {
        Lab *lab = *state;
        CLEANUP(package_free)
        PackageMaker *one =
                make(lab, "v1", "#!/bin/sh\necho before $GHOST_MODULE_REV in ${PWD##*/}\n",
                     "#!/bin/sh\necho after $GHOST_APP $GHOST_INSTANCE_ID; cat version; echo; ls -d sub\n");
        CLEANUP(package_free) PackageMaker *two = make(lab, "v2", NULL, NULL);

        start_agent(lab);
        assert_deployed(lab, one);
        assert_content(lab->root, "srv/web/version", "v1");
        assert_content(lab->root, "srv/web/sub/page", "hello\n");
        assert_int_equal(lab->controller->enrolments, 1);
        assert_non_null(strstr(lab->controller->log.data, "before v1 in "));
        assert_non_null(strstr(lab->controller->log.data, "after demo i-0123456789abcdef0\nv1\nsub\n"));
        assert_deployed(lab, two);
        assert_content(lab->root, "srv/web/version", "v2");
        assert_int_equal(WEXITSTATUS(end_agent(lab, SIGTERM)), 0);

        /* The identity is kept: no second enrolment. */
        start_agent(lab);
        uint64_t sent = lab->controller->pack_bytes_sent;
        assert_deployed(lab, one);
        assert_content(lab->root, "srv/web/version", "v1");
        assert_int_equal(lab->controller->pack_bytes_sent, sent);
        assert_int_equal(lab->controller->enrolments, 1);
}

static void answers_to_its_enrolment_may_be_lost(void **state) {
        Lab *lab = *state;

        lab->controller->lost_enrolments = 2;
        start_agent(lab);
        fake_until(lab->controller, lab->controller->enrolments == 1 && lab->controller->sessions == 1);
        assert_int_equal(lab->controller->lost_enrolments, 0);
}

static void exactly_the_releases_to_keep_stay(void **state) {
        Lab *lab = *state;
        PackageMaker *packages[4];
        CLEANUP(free) char *folder = xasprintf("%s/web", lab->releases);
        CLEANUP(free)
        char *count = xasprintf("test $(ls %s | wc -l) = 2 && test $(ls -A %s | wc -l) = 5", folder, folder);
        const char *const argv[] = { "/bin/sh", "-c", count, NULL };

        start_agent(lab);
        for (int i = 0; i < 4; i++) {
                char version[3] = { 'v', (char) ('1' + i), '\0' };
                packages[i] = make(lab, version, NULL, NULL);
                assert_deployed(lab, packages[i]);
        }
        pid_t child = fork();
        if (child == 0)
                _exit(execv(argv[0], (char *const *) argv));
        int status = 0;
        waitpid(child, &status, 0);
        assert_int_equal(status, 0);
        for (int i = 0; i < 4; i++)
                package_free(packages[i]);
}

static void a_failed_post_deploy_goes_back_and_runs_the_former_one(void **state) {
        Lab *lab = *state;
        CLEANUP(package_free) PackageMaker *one = make(lab, "v1", NULL, "#!/bin/sh\necho post of v1\n");
        CLEANUP(package_free) PackageMaker *bad = make(lab, "v2", NULL, "#!/bin/sh\ncat version\nexit 7\n");

        start_agent(lab);
        Ghost__Receipt *first = deploy(lab, bad);
        assert_false(first->ok);
        assert_false(temp_has(lab->root, "srv/web"));
        assert_deployed(lab, one);
        Ghost__Receipt *receipt = deploy(lab, bad);
        assert_false(receipt->ok);
        assert_string_equal(receipt->message, "web: post_deploy exited with code 7");
        assert_int_equal(receipt->n_hooks, 2);
        assert_int_equal(receipt->hooks[0]->exit_code, 7);
        assert_int_equal(receipt->hooks[1]->exit_code, 0);
        assert_string_equal(receipt->modules[0]->manifest_sha256, one->sha256);
        assert_content(lab->root, "srv/web/version", "v1");
        assert_non_null(strstr(lab->controller->log.data, "back on release"));
}

static void a_failed_health_check_goes_back_as_a_failed_post_deploy_does(void **state) {
        static const char script[] = "#!/bin/sh\ngrep -q v1 version\n";
        Lab *lab = *state;
        CLEANUP(package_free)
        PackageMaker *one = make(lab, "v1", NULL, "#!/bin/sh\necho post of $(cat version)\n");
        CLEANUP(package_free)
        PackageMaker *two = make(lab, "v2", NULL, "#!/bin/sh\necho post of $(cat version)\n");
        Ghost__HealthCheck check = GHOST__HEALTH_CHECK__INIT;
        Ghost__Receipt *receipt = NULL;

        check.kind = GHOST__HEALTH_KIND__HEALTH_KIND_COMMAND;
        check.command = (ProtobufCBinaryData){ sizeof(script) - 1, (uint8_t *) script };
        check.attempts = 2;
        check.interval_ms = 50;
        start_agent(lab);
        CLEANUP(free) char *first = order_deploy_checked(lab, one, false, &check);
        fake_until(lab->controller, (receipt = fake_receipt_of(lab->controller, first)));
        assert_true(receipt->ok);
        assert_int_equal(receipt->n_health, 1);
        assert_true(receipt->health[0]->ok);
        assert_int_equal(receipt->health[0]->attempts, 1);

        CLEANUP(free) char *second = order_deploy_checked(lab, two, false, &check);
        fake_until(lab->controller, (receipt = fake_receipt_of(lab->controller, second)));
        assert_false(receipt->ok);
        assert_true(text_starts_with(receipt->message, "web: health check (command) failed: 2 tries in "));
        assert_int_equal(receipt->n_health, 1);
        assert_false(receipt->health[0]->ok);
        assert_string_equal(receipt->health[0]->message, "health_check exited with code 1");
        assert_string_equal(receipt->modules[0]->manifest_sha256, one->sha256);
        assert_content(lab->root, "srv/web/version", "v1");
        assert_non_null(strstr(lab->controller->log.data, "post of v2\n"));
        assert_non_null(strstr(strstr(lab->controller->log.data, "back on release"), "post of v1\n"));
}

static void a_failed_pre_deploy_changes_nothing(void **state) {
        Lab *lab = *state;
        CLEANUP(package_free) PackageMaker *one = make(lab, "v1", NULL, NULL);
        CLEANUP(package_free) PackageMaker *bad = make(lab, "v2", "#!/bin/sh\nexit 3\n", NULL);

        start_agent(lab);
        assert_deployed(lab, one);
        Ghost__Receipt *receipt = deploy(lab, bad);
        assert_false(receipt->ok);
        assert_string_equal(receipt->message, "web: pre_deploy exited with code 3");
        assert_content(lab->root, "srv/web/version", "v1");
        CLEANUP(free) char *gone = xasprintf("ghost/web/%.16s", bad->sha256);
        assert_false(temp_has(lab->folder, gone));
}

static void damaged_and_forged_things_are_not_run(void **state) {
        Lab *lab = *state;
        CLEANUP(package_free) PackageMaker *one = make(lab, "v1", "#!/bin/sh\necho must not run\n", NULL);
        CLEANUP(signing_key_free) SigningKey *stranger = signing_key_new();
        CLEANUP(package_free) PackageMaker *forged = make(lab, "v2", "#!/bin/sh\necho must not run\n", NULL);

        start_agent(lab);
        lab->controller->damage_pack = true;
        Ghost__Receipt *damaged = deploy(lab, one);
        assert_false(damaged->ok);
        assert_non_null(strstr(damaged->message, "is damaged"));
        lab->controller->damage_pack = false;

        free(forged->reply.manifest.data);
        free(forged->reply.signature.data);
        free(forged->sha256);
        package_sign(forged, stranger);
        Ghost__Receipt *unsigned_package = deploy(lab, forged);
        assert_false(unsigned_package->ok);
        assert_non_null(strstr(unsigned_package->message, "not signed by the controller's release key"));

        CLEANUP(free) char *task_id = order_deploy(lab, one, true);
        Ghost__Receipt *refused = NULL;
        fake_until(lab->controller, (refused = fake_receipt_of(lab->controller, task_id)));
        assert_false(refused->ok);
        assert_string_equal(refused->message, "the order is not signed by the controller's release key");

        assert_false(temp_has(lab->root, "srv/web"));
        assert_null(lab->controller->log.data ? strstr(lab->controller->log.data, "must not run") : NULL);
        assert_deployed(lab, one);
}

static void unchanged_files_are_not_fetched_again(void **state) {
        enum { NOISE = (3 << 20) - 100 }; /* the last frame holds its end and the small file */
        Lab *lab = *state;
        CLEANUP(free) char *noise = xcalloc(1, NOISE);
        crypto_random(noise, NOISE);
        CLEANUP(package_free) PackageMaker *one = two_files(lab, 0, "v1", noise, NOISE);
        CLEANUP(package_free) PackageMaker *two = two_files(lab, 1, "v2", noise, NOISE);
        CLEANUP(package_free) PackageMaker *three = two_files(lab, 2, "v3", noise, NOISE);

        start_agent(lab);
        Ghost__Receipt *receipt = deploy(lab, one);
        assert_true(receipt->ok);
        assert_int_equal(receipt->bytes_fetched, one->pack.length);
        assert_int_equal(receipt->bytes_reused, 0);
        receipt = deploy(lab, two);
        assert_true(receipt->ok);
        assert_int_equal(receipt->bytes_fetched, two->frames[2]->length);
        assert_int_equal(receipt->bytes_reused, NOISE);
        assert_content(lab->root, "srv/web/small", "v2");
        CLEANUP(free) char *content = temp_read(lab->root, "srv/web/noise");
        assert_memory_equal(content, noise, NOISE);
        assert_non_null(strstr(lab->controller->log.data, ", 3.0 MiB were there already"));

        /* Somebody changes the file in place, in both releases: it is fetched. */
        CLEANUP(free) char *first = xasprintf("%s/web/%.16s/noise", lab->releases, one->sha256);
        CLEANUP(free) char *second = xasprintf("%s/web/%.16s/noise", lab->releases, two->sha256);
        noise[NOISE / 2] ^= 1;
        assert_ok(file_write_atomic(first, noise, NOISE, 0644, err));
        assert_ok(file_write_atomic(second, noise, NOISE, 0644, err));
        noise[NOISE / 2] ^= 1;
        receipt = deploy(lab, three);
        assert_true(receipt->ok);
        assert_int_equal(receipt->bytes_fetched, three->pack.length);
        assert_int_equal(receipt->bytes_reused, 0);
        CLEANUP(free) char *again = temp_read(lab->root, "srv/web/noise");
        assert_memory_equal(again, noise, NOISE);
}

/* Damaged on its way, a part of the pack is found out; then all of it is fetched, which is found out too. */
static void a_damaged_part_is_not_believed(void **state) {
        enum { NOISE = 3 << 20 };
        Lab *lab = *state;
        CLEANUP(free) char *noise = xcalloc(1, NOISE);
        crypto_random(noise, NOISE);
        CLEANUP(package_free) PackageMaker *one = two_files(lab, 0, "v1", noise, NOISE);
        CLEANUP(package_free) PackageMaker *two = two_files(lab, 1, "v2", noise, NOISE);

        start_agent(lab);
        assert_deployed(lab, one);
        lab->controller->damage_pack = true;
        Ghost__Receipt *receipt = deploy(lab, two);
        assert_false(receipt->ok);
        assert_non_null(strstr(receipt->message, "is damaged"));
        assert_non_null(strstr(lab->controller->log.data, "all of it is fetched again"));
        assert_content(lab->root, "srv/web/small", "v1");
        lab->controller->damage_pack = false;
        assert_deployed(lab, two);
        assert_content(lab->root, "srv/web/small", "v2");
}

static void a_cancelled_hook_ends_and_the_link_goes_back(void **state) {
        Lab *lab = *state;
        CLEANUP(free) char *script = blocking_hook(lab, "post_deploy");
        CLEANUP(package_free) PackageMaker *one = make(lab, "v1", NULL, NULL);
        CLEANUP(package_free) PackageMaker *two = make(lab, "v2", NULL, script);
        Ghost__Cancel cancel = GHOST__CANCEL__INIT;
        Ghost__Receipt *receipt = NULL;

        start_agent(lab);
        assert_deployed(lab, one);
        CLEANUP(free) char *task_id = order_deploy(lab, two, false);
        fake_until(lab->controller, temp_has(lab->folder, "at_post_deploy"));
        cancel.task_id = task_id;
        FAKE_ENVELOPE(envelope, CANCEL, cancel, cancel);
        fake_send(lab->controller, &envelope);
        fake_until(lab->controller, (receipt = fake_receipt_of(lab->controller, task_id)));
        assert_int_equal(receipt->kind, GHOST__ERROR_KIND__ERROR_KIND_CANCELLED);
        assert_content(lab->root, "srv/web/version", "v1");
}

static void what_is_not_ours_is_moved_aside(void **state) {
        Lab *lab = *state;
        CLEANUP(package_free) PackageMaker *one = make(lab, "v1", NULL, NULL);
        CLEANUP(free) char *folder = xasprintf("%s/srv/web", lab->root);

        assert_ok(file_make_folders(folder, 0755, err));
        temp_write(folder, "precious", "kept");
        start_agent(lab);
        assert_deployed(lab, one);
        assert_content(lab->root, "srv/web/version", "v1");
        const char *where = strstr(lab->controller->log.data, "it is now ");
        assert_non_null(where);
        CLEANUP(free) char *aside = xstrndup(where + 10, strcspn(where + 10, "\n"));
        assert_content(aside, "precious", "kept");
}

static void clean_image_leaves_no_identity(void **state) {
        Lab *lab = *state;
        CLEANUP(package_free) PackageMaker *one = make(lab, "v1", NULL, NULL);
        CLEANUP(free) char *etc = xasprintf("%s/etc", lab->root);
        Ghost__Order order = GHOST__ORDER__INIT;
        Ghost__CleanImage clean = GHOST__CLEAN_IMAGE__INIT;
        int status = -1;

        assert_ok(file_make_folders(etc, 0755, err));
        temp_write(etc, "machine-id", "0123\n");
        start_agent(lab);
        assert_deployed(lab, one);
        order.task_id = (char *) "clean";
        order.agent_id = lab->controller->agent_id;
        order.job_id = (char *) "job";
        order.action_case = GHOST__ORDER__ACTION_CLEAN_IMAGE;
        order.clean_image = &clean;
        fake_order(lab->controller, &order, false);
        fake_until(lab->controller, fake_receipt_of(lab->controller, "clean"));
        fake_until(lab->controller, waitpid(lab->agent, &status, WNOHANG) > 0);
        lab->agent = 0;
        assert_int_equal(status, 0);
        assert_true(fake_receipt_of(lab->controller, "clean")->ok);
        assert_content(etc, "machine-id", "");
        assert_false(temp_has(lab->state, "identity"));
        assert_false(temp_has(lab->state, "tasks"));

        /* Booted again it is a new agent. */
        start_agent(lab);
        fake_until(lab->controller, lab->controller->enrolments == 2);
}

static void a_full_disk_fails_the_task_and_switches_nothing(void **state) {
        enum { BIG = 8 << 20 };
        Lab *lab = *state;
        CLEANUP(package_free) PackageMaker *one = make(lab, "v1", NULL, NULL);
        CLEANUP(package_free) PackageMaker *big = package_new("web", "/srv/web", "big");
        CLEANUP(free) char *noise = xcalloc(1, BIG);

        assert_ok(file_make_folders(lab->releases, 0755, err));
        if (mount("tmpfs", lab->releases, "tmpfs", 0, "size=6m") < 0)
                skip();
        crypto_random(noise, BIG);
        package_add_file(big, "noise", noise, BIG);
        package_seal(big, lab->controller->key);
        lab->controller->packages[1] = big;
        start_agent(lab);
        assert_deployed(lab, one);
        Ghost__Receipt *receipt = deploy(lab, big);
        end_agent(lab, SIGTERM);
        CLEANUP(free) char *version = temp_read(lab->root, "srv/web/version");
        umount2(lab->releases, MNT_DETACH);
        assert_false(receipt->ok);
        assert_int_equal(receipt->kind, GHOST__ERROR_KIND__ERROR_KIND_UNAVAILABLE);
        assert_non_null(strstr(receipt->message, "web: disk full: needs "));
        assert_string_equal(version, "v1");
}

static void a_used_token_is_not_hammered(void **state) {
        Lab *lab = *state;

        snprintf(lab->token, sizeof(lab->token), "used");
        start_agent(lab);
        CLEANUP(free) char *log = NULL;
        fake_until(
                lab->controller,
                (free(log), log = temp_read(lab->folder, "agent.log"), strstr(log, "within 300000 ms")));
        assert_non_null(strstr(log, "the token was used already"));
        assert_int_equal(WEXITSTATUS(end_agent(lab, SIGTERM)), 0);
}

/* How often the log says that it tries again within so many ms. */
static unsigned waits(const Lab *lab, int most_ms) {
        CLEANUP(free) char *log = temp_read(lab->folder, "agent.log");
        char words[32];
        unsigned count = 0;

        snprintf(words, sizeof(words), "again within %d ms", most_ms);
        for (const char *at = log; (at = strstr(at, words)); at++)
                count++;
        return count;
}

/* If it took all back, all agents would ask a controller that falls at their coming; if it counted as one,
 * none would ask for long one that was restarted a few times. */
static void a_session_that_ends_soon_takes_one_failure_back(void **state) {
        Lab *lab = *state;
        FakeController *controller = lab->controller;

        start_agent(lab);
        fake_until(controller, controller->enrolments == 1);
        for (int most_ms = 200; most_ms <= 1600; most_ms *= 2) {
                fake_until(controller, controller->connection >= 0);
                fake_cut(controller);
                fake_until(controller, waits(lab, most_ms) == 1);
        }
        for (int most_ms = 800; most_ms >= 200; most_ms /= 2) {
                fake_until(controller, controller->welcome);
                fake_cut(controller);
                fake_until(controller, waits(lab, most_ms) == 2);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                LAB_TEST(it_enrols_then_deploys_one_version_after_the_other),
                LAB_TEST(answers_to_its_enrolment_may_be_lost),
                LAB_TEST(exactly_the_releases_to_keep_stay),
                LAB_TEST(a_failed_post_deploy_goes_back_and_runs_the_former_one),
                LAB_TEST(a_failed_health_check_goes_back_as_a_failed_post_deploy_does),
                LAB_TEST(a_failed_pre_deploy_changes_nothing),
                LAB_TEST(damaged_and_forged_things_are_not_run),
                LAB_TEST(unchanged_files_are_not_fetched_again),
                LAB_TEST(a_damaged_part_is_not_believed),
                LAB_TEST(a_cancelled_hook_ends_and_the_link_goes_back),
                LAB_TEST(what_is_not_ours_is_moved_aside),
                LAB_TEST(clean_image_leaves_no_identity),
                LAB_TEST(a_full_disk_fails_the_task_and_switches_nothing),
                LAB_TEST(a_used_token_is_not_hammered),
                LAB_TEST(a_session_that_ends_soon_takes_one_failure_back),
        };

        return cmocka_run_group_tests_name("agent", tests, NULL, NULL);
}
