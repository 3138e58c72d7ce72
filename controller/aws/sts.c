#include "aws/sts.h"

#include <stdlib.h>

#include "aws/request.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

bool sts_get_caller_identity(AwsSession *session, CallerIdentity *ret, Error **err) {
        CLEANUP(xml_free) Xml *answer = NULL;

        if (!aws_call(session, &aws_sts, "GetCallerIdentity", NULL, &answer, err))
                return false;
        const Xml *result = xml_first(answer, "GetCallerIdentityResult");
        ret->account = xml_text_copy(result, "Account");
        ret->arn = xml_text_copy(result, "Arn");
        ret->user_id = xml_text_copy(result, "UserId");
        return true;
}

void caller_identity_clear(CallerIdentity *identity) {
        free(identity->account);
        free(identity->arn);
        free(identity->user_id);
        *identity = (CallerIdentity){ 0 };
}

/* "arn:aws:sts::123456789012:assumed-role/deployer/session" */
static char *account_of(const char *arn) {
        CLEANUP(string_list_clear) StringList parts = { 0 };

        text_split(arn ? arn : "", ':', &parts);
        return xstrdup(parts.count > 4 ? parts.items[4] : "");
}

static bool read_set(const Xml *result, const char *action, Credentials **ret, Error **err) {
        const Xml *set = xml_first(result, "Credentials");
        const char *key = xml_text(set, "AccessKeyId"), *secret = xml_text(set, "SecretAccessKey");
        const char *token = xml_text(set, "SessionToken"), *end = xml_text(set, "Expiration");
        int64_t expires_us = 0;

        if (text_empty(key) || text_empty(secret) || text_empty(token) || !end ||
            !clock_parse_iso(end, &expires_us))
                return error_set(err, ERROR_INTERNAL, "%s: the answer holds no usable credentials", action);
        *ret = credentials_new(key, secret, token);
        (*ret)->expires_us = expires_us;
        return true;
}

bool sts_assume_role(
        AwsSession *session, const AssumeRoleSpec *spec, Credentials **ret, char **ret_account, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(xml_free) Xml *answer = NULL;

        form_add(&form, spec->role_arn, "RoleArn");
        form_add(&form, spec->session_name, "RoleSessionName");
        form_add(&form, spec->external_id, "ExternalId");
        if (spec->duration_s > 0)
                form_add_int(&form, spec->duration_s, "DurationSeconds");
        if (!aws_call(session, &aws_sts, "AssumeRole", &form, &answer, err))
                return false;
        const Xml *result = xml_first(answer, "AssumeRoleResult");
        if (!read_set(result, "AssumeRole", ret, err))
                return false;
        *ret_account = account_of(xml_text(result, "AssumedRoleUser/Arn"));
        return true;
}

bool sts_assume_role_with_web_identity(
        AwsSession *session, const char *role_arn, const char *session_name, const char *token,
        Credentials **ret, Error **err) {
        static const char action[] = "AssumeRoleWithWebIdentity";
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(xml_free) Xml *answer = NULL;

        form_add(&form, role_arn, "RoleArn");
        form_add(&form, session_name, "RoleSessionName");
        form_add(&form, token, "WebIdentityToken");
        return aws_call(session, &aws_sts, action, &form, &answer, err) &&
               read_set(xml_first(answer, "AssumeRoleWithWebIdentityResult"), action, ret, err);
}
