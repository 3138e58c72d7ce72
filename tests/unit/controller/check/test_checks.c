#include "harness/store_case.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/certificate.h"
#include "check/check.h"

/* One check in a data folder of the test's own, without AWS. */
typedef struct CheckCase {
        StoreCase *stored;
        ControllerSettings settings;
        Findings findings;
        CheckContext check;
} CheckCase;

static int set_up(void **state) {
        CheckCase *test = xcalloc(1, sizeof(*test));
        void *stored = NULL;

        if (store_case_set_up(&stored) != 0)
                return -1;
        test->stored = stored;
        test->settings = (ControllerSettings){ .data_dir = test->stored->folder,
                                               .git_program = (char *) "git",
                                               .http_listen = (char *) "127.0.0.1:0",
                                               .link_listen = (char *) "127.0.0.1:0" };
        test->check = (CheckContext){ .settings = &test->settings,
                                      .aws_why = "no way to AWS",
                                      .findings = &test->findings };
        *state = test;
        return 0;
}

static int tear_down(void **state) {
        CheckCase *test = *state;
        void *stored = test->stored;

        findings_clear(&test->findings);
        free(test);
        return store_case_tear_down(&stored);
}

static void run(CheckCase *test, const Check *check) {
        findings_clear(&test->findings);
        test->findings.check = check->name;
        check->run(&test->check);
}

static void assert_found(CheckCase *test, const Check *check, FindingLevel level, const char *words) {
        run(test, check);
        for (size_t i = 0; i < test->findings.count; i++) {
                const Finding *finding = &test->findings.items[i];
                if (finding->level == level && strstr(finding->what, words)) {
                        assert_true(level == FINDING_OK || finding->remedy);
                        return;
                }
        }
        fail_msg(
                "%s did not say '%s', but '%s'", check->name, words,
                test->findings.count ? test->findings.items[0].what : "nothing");
}

static void the_database_is_read(void **state) {
        CheckCase *test = *state;

        assert_found(test, &database_check, FINDING_OK, "is whole");
        test->settings.data_dir = (char *) "/nonexistent";
        assert_found(test, &database_check, FINDING_WARNING, "there is no database");
        test->settings.data_dir = test->stored->folder;
        store_free(test->stored->store);
        test->stored->store = NULL;
        temp_write(test->stored->folder, "ghost.db", "rubbish that is longer than a header would be");
        assert_found(test, &database_check, FINDING_PROBLEM, "is damaged");
}

static void secrets_that_others_read_are_found(void **state) {
        CheckCase *test = *state;

        assert_found(test, &secrets_check, FINDING_OK, "private");
        assert_int_equal(chmod(test->stored->path, 0640), 0);
        assert_found(test, &secrets_check, FINDING_PROBLEM, "has mode 0640");
        assert_int_equal(chmod(test->stored->path, 0600), 0);
        assert_int_equal(chmod(test->stored->folder, 0777), 0);
        assert_found(test, &secrets_check, FINDING_PROBLEM, "everybody can write");
}

static void a_folder_is_looked_for(void **state) {
        CheckCase *test = *state;

        run(test, &disk_check);
        assert_int_equal(test->findings.count, 1);
        assert_non_null(strstr(test->findings.items[0].what, "MiB free"));
        test->settings.data_dir = (char *) "/nonexistent/x";
        assert_found(test, &disk_check, FINDING_WARNING, "there is no data folder");
}

static void git_is_asked(void **state) {
        CheckCase *test = *state;

        assert_found(test, &git_check, FINDING_OK, "git version");
        test->settings.git_program = (char *) "no-such-git";
        assert_found(test, &git_check, FINDING_PROBLEM, "no-such-git");
}

static void a_taken_address_is_somebodys(void **state) {
        CheckCase *test = *state;
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        socklen_t length = sizeof(address);
        CLEANUP(file_close) int fd = socket(AF_INET, SOCK_STREAM, 0);

        assert_found(test, &listen_check, FINDING_OK, "http.listen 127.0.0.1:0 is free");
        assert_int_equal(bind(fd, (struct sockaddr *) &address, sizeof(address)), 0);
        assert_int_equal(listen(fd, 1), 0);
        assert_int_equal(getsockname(fd, (struct sockaddr *) &address, &length), 0);
        CLEANUP(free) char *taken = xasprintf("127.0.0.1:%u", (unsigned) ntohs(address.sin_port));
        test->settings.http_listen = taken;
        assert_found(test, &listen_check, FINDING_PROBLEM, "is taken by another program");
        test->check.running = true;
        assert_found(test, &listen_check, FINDING_OK, "a controller listens");
        test->settings.http_listen = (char *) "nonsense:port";
        assert_found(test, &listen_check, FINDING_PROBLEM, "is no address");
}

static void certificates_run_out(void **state) {
        CheckCase *test = *state;
        CLEANUP(free) char *folder = xasprintf("%s/tls", test->stored->folder);
        CLEANUP(free) char *certificate = NULL, *key = NULL, *request = NULL, *server = NULL;
        CLEANUP(authority_free) Authority *authority = NULL;
        CertificateSpec spec = { .common_name = "x", .use = CERTIFICATE_SERVER, .valid_seconds = 86400 };

        assert_found(test, &certificates_check, FINDING_WARNING, "there is no authority");
        assert_ok(file_make_folders(folder, 0700, err));
        assert_ok(authority_create("Ghost", 10, &certificate, &key, err));
        assert_ok((authority = authority_open(certificate, key, err)) != NULL);
        assert_ok((request = certificate_request_new(key, "x", err)) != NULL);
        assert_ok(authority_sign(authority, request, &spec, &server, err));
        temp_write(folder, "ca.pem", certificate);
        temp_write(folder, "server.pem", server);
        assert_found(
                test, &certificates_check, FINDING_OK, "the authority of the agent link is good until 20");
        assert_found(test, &certificates_check, FINDING_WARNING, "runs out at 20");
        temp_write(folder, "ca.pem", "nonsense");
        assert_found(test, &certificates_check, FINDING_PROBLEM, "ca.pem: ");
}

static void without_aws_that_is_the_problem(void **state) {
        CheckCase *test = *state;

        assert_found(test, &aws_identity_check, FINDING_PROBLEM, "no way to AWS");
        run(test, &clock_check);
        assert_int_equal(test->findings.count, 0);
        run(test, &aws_permissions_check);
        assert_int_equal(test->findings.count, 0);
}

static void settings_that_cannot_be_read_end_it(void **state) {
        CLEANUP(findings_clear) Findings findings = { 0 };
        CLEANUP(error_free) Error *why = NULL;

        (void) state;
        (void) error_set(&why, ERROR_INVALID, "controller.conf:3: unknown setting 'prot'");
        checks_run(NULL, why, &findings);
        assert_int_equal(findings.count, 1);
        assert_int_equal(findings_worst(&findings), FINDING_PROBLEM);
        assert_string_equal(findings.items[0].check, "settings");
}

#define CHECK_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
        const struct CMUnitTest tests[] = {
                CHECK_TEST(the_database_is_read),
                CHECK_TEST(secrets_that_others_read_are_found),
                CHECK_TEST(a_folder_is_looked_for),
                CHECK_TEST(git_is_asked),
                CHECK_TEST(a_taken_address_is_somebodys),
                CHECK_TEST(certificates_run_out),
                CHECK_TEST(without_aws_that_is_the_problem),
                cmocka_unit_test(settings_that_cannot_be_read_end_it),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
