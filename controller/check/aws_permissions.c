/* What that identity may do, as far as it can be asked without doing it. */
#include <stdlib.h>

#include "aws/permission_probe.h"
#include "base/memory.h"
#include "check/check.h"

static const char remedy[] = "give it the policy docs/iam/controller-policy.json, see docs/aws.md";

static void run(CheckContext *check) {
        size_t allowed = 0, refused = 0;

        if (!check->aws_trusted || !aws_region(check->aws))
                return;
        for (size_t i = 0; permission_probe_name(i); i++) {
                CLEANUP(error_free) Error *why = NULL;
                CLEANUP(free) char *said = NULL;
                AwsSession session = check_session(check);
                bool may = false;

                if (!permission_probe(&session, i, &may, &said, &why)) {
                        finding_warning(
                                check->findings, "try again; see that the endpoint is reached", "%s: %s",
                                permission_probe_name(i), error_message(why));
                        return; /* the others would take as long to fail */
                }
                allowed += may;
                refused += !may;
                if (!may)
                        finding_problem(
                                check->findings, remedy, "%s is not allowed: %s", permission_probe_name(i),
                                said);
        }
        if (refused == 0)
                finding_good(
                        check->findings, "%zu actions that can be asked about are allowed in %s", allowed,
                        aws_region(check->aws));
}

const Check aws_permissions_check = { "aws permissions", run };
