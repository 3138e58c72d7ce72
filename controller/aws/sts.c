#include "aws/sts.h"

#include <stdlib.h>

#include "aws/request.h"

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
