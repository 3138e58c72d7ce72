/* STS, IAM, SSM, S3. */
#include <stdlib.h>
#include <string.h>

#include "aws/iam.h"
#include "aws/launch_configuration.h"
#include "aws/s3.h"
#include "aws/ssm.h"
#include "aws/sts.h"
#include "base/memory.h"
#include "harness/aws_calls.h"

enum { OBJECT_MAX = 1 << 20 };

static bool identity(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(caller_identity_clear) CallerIdentity found = { 0 };

        (void) in;
        if (!sts_get_caller_identity(session, &found, err))
                return false;
        *ret = named("Account", found.account);
        document_set_string(*ret, "Arn", found.arn);
        return true;
}

static bool assume_role(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(credentials_free) Credentials *credentials = NULL;
        CLEANUP(free) char *account = NULL;
        const AssumeRoleSpec spec = { .role_arn = text_of(in, "RoleArn"),
                                      .session_name = text_of(in, "RoleSessionName"),
                                      .external_id = text_of(in, "ExternalId"),
                                      .duration_s = document_get_int(in, "DurationSeconds") };

        if (!sts_assume_role(session, &spec, &credentials, &account, err))
                return false;
        *ret = named("Account", account);
        document_set_string(*ret, "AccessKeyId", credentials->access_key_id);
        return true;
}

static bool assume_with_token(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(credentials_free) Credentials *credentials = NULL;

        if (!sts_assume_role_with_web_identity(
                    session, text_of(in, "RoleArn"), text_of(in, "RoleSessionName"),
                    text_of(in, "WebIdentityToken"), &credentials, err))
                return false;
        *ret = named("AccessKeyId", credentials->access_key_id);
        return true;
}

static bool list_profiles(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(iam_instance_profiles_clear) IamInstanceProfiles found = { 0 };

        if (!iam_list_instance_profiles(session, text_of(in, "PathPrefix"), &found, err))
                return false;
        *ret = counted(found.count);
        document_set_string(*ret, "First", found.count ? found.items[0].name : "");
        return true;
}

static bool get_profile(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(iam_instance_profile_clear) IamInstanceProfile found = { 0 };

        if (!iam_get_instance_profile(session, text_of(in, "InstanceProfileName"), &found, err))
                return false;
        *ret = named("Arn", found.arn);
        return true;
}

static bool get_parameter(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(free) char *value = NULL;

        if (!ssm_get_parameter(session, text_of(in, "Name"), &value, err))
                return false;
        *ret = named("Value", value);
        return true;
}

static bool describe_configuration(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(string_list_clear) StringList names = texts_of(in, "LaunchConfigurationNames");
        CLEANUP(launch_configuration_clear) LaunchConfiguration found = { 0 };

        if (!asg_describe_launch_configuration(session, first_of(&names), &found, err))
                return false;
        *ret = named("ImageId", found.image_id);
        return true;
}

/* ---- S3 ---- */

static S3Object object_of(const Document *in) {
        return (S3Object){ .bucket = text_of(in, "Bucket"),
                           .key = text_of(in, "Key"),
                           .version_id = text_of(in, "VersionId") };
}

static bool put_object(AwsSession *session, const Document *in, Document **ret, Error **err) {
        const char *body = text_of(in, "Body");
        const S3Put put = { .object = object_of(in),
                            .body = body,
                            .length = strlen(body),
                            .content_type = text_of(in, "ContentType") };

        (void) ret;
        return s3_put(session, &put, err);
}

static bool get_object(AwsSession *session, const Document *in, Document **ret, Error **err) {
        const S3Object object = object_of(in);
        CLEANUP(free) char *body = NULL;
        size_t length = 0;

        if (!s3_get(session, &object, OBJECT_MAX, &body, &length, err))
                return false;
        *ret = named("Body", body);
        return true;
}

static bool head_object(AwsSession *session, const Document *in, Document **ret, Error **err) {
        const S3Object object = object_of(in);
        CLEANUP(s3_facts_clear) S3Facts facts = { 0 };

        if (!s3_head(session, &object, &facts, err))
                return false;
        *ret = document_object();
        document_set_int(*ret, "ContentLength", (int64_t) facts.bytes);
        return true;
}

static bool delete_object(AwsSession *session, const Document *in, Document **ret, Error **err) {
        const S3Object object = object_of(in);

        (void) ret;
        return s3_delete(session, &object, err);
}

static bool note_key(void *context, const S3Entry *entry, Error **err) {
        (void) err;
        document_append(context, document_string(entry->key));
        return true;
}

static bool list_objects(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(document_free) Document *keys = document_array();
        const S3List list = { .bucket = text_of(in, "Bucket"),
                              .prefix = text_of(in, "Prefix"),
                              .each = note_key,
                              .context = keys };

        if (!s3_list(session, &list, err))
                return false;
        *ret = document_object();
        document_set(*ret, "Keys", TAKE(keys));
        return true;
}

static bool list_versions(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(document_free) Document *keys = document_array();
        const S3List list = { .bucket = text_of(in, "Bucket"),
                              .prefix = text_of(in, "Prefix"),
                              .each = note_key,
                              .context = keys };

        if (!s3_list_versions(session, &list, err))
                return false;
        *ret = document_object();
        document_set(*ret, "Keys", TAKE(keys));
        return true;
}

static const AwsCall calls[] = {
        { "sts", "GetCallerIdentity", identity },
        { "sts", "AssumeRole", assume_role },
        { "sts", "AssumeRoleWithWebIdentity", assume_with_token },
        { "iam", "ListInstanceProfiles", list_profiles },
        { "iam", "GetInstanceProfile", get_profile },
        { "ssm", "GetParameter", get_parameter },
        { "autoscaling", "DescribeLaunchConfigurations", describe_configuration },
        { "s3", "PutObject", put_object },
        { "s3", "GetObject", get_object },
        { "s3", "HeadObject", head_object },
        { "s3", "DeleteObject", delete_object },
        { "s3", "ListObjectsV2", list_objects },
        { "s3", "ListObjectVersions", list_versions },
};
const AwsCalls aws_calls_others = AWS_CALLS(calls);
