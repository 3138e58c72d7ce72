#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "check/check.h"

enum { AWS_TIMEOUT_MS = 15000 };

static const Check *const checks[] = {
        &disk_check, &secrets_check, &database_check,     &certificates_check,    &listen_check,
        &git_check,  &clock_check,   &aws_identity_check, &aws_permissions_check,
};

AwsSession check_session(const CheckContext *check) {
        return (AwsSession){ .aws = check->aws, .deadline = deadline_after_ms(AWS_TIMEOUT_MS) };
}

/* Looks at the lock without making or keeping one. */
static bool controller_runs(const ControllerSettings *settings) {
        CLEANUP(free) char *path = xasprintf("%s/ghost.db.lock", settings->data_dir);
        CLEANUP(file_close) int fd = open(path, O_RDONLY | O_CLOEXEC);

        return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0;
}

static Aws *open_aws(const ControllerSettings *settings, Error **err) {
        const AwsOptions options = {
                .region = settings->aws_region,
                .endpoint_url = settings->aws_endpoint_url,
                .access_key_id = settings->aws_access_key_id,
                .secret_access_key = settings->aws_secret_access_key,
        };

        return aws_new(&options, err);
}

void checks_run(const ControllerSettings *settings, const Error *why, Findings *ret) {
        CLEANUP(error_free) Error *no_aws = NULL;

        ret->check = "settings";
        if (!settings) {
                finding_problem(
                        ret, "correct it; ghost-controller --print-settings explains every setting", "%s",
                        error_message(why));
                return;
        }
        finding_good(ret, "the settings are good");
        CLEANUP(aws_free) Aws *aws = open_aws(settings, &no_aws);
        CheckContext check = { .settings = settings,
                               .aws = aws,
                               .aws_why = no_aws ? error_message(no_aws) : NULL,
                               .running = controller_runs(settings),
                               .findings = ret };
        for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
                ret->check = checks[i]->name;
                checks[i]->run(&check);
        }
}
