/* Who the controller is to AWS. */
#include "aws/sts.h"
#include "check/check.h"

static void run(CheckContext *check) {
        CLEANUP(caller_identity_clear) CallerIdentity identity = { 0 };
        CLEANUP(error_free) Error *why = NULL;

        if (!check->aws) {
                finding_problem(
                        check->findings, "correct the AWS settings, see docs/aws.md", "%s", check->aws_why);
                return;
        }
        if (!aws_region(check->aws))
                finding_warning(
                        check->findings, "set aws.region, unless every application names its own",
                        "no AWS region is configured");
        AwsSession session = check_session(check);
        if (!aws_region(check->aws))
                session.region = "us-east-1";
        check->aws_trusted = sts_get_caller_identity(&session, &identity, &why);
        if (check->aws_trusted)
                finding_good(check->findings, "%s of account %s", identity.arn, identity.account);
        else
                finding_problem(
                        check->findings,
                        "give the controller credentials (best the role of its instance), see docs/aws.md",
                        "%s", error_message(why));
}

const Check aws_identity_check = { "aws identity", run };
