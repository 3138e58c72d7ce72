#include "aws/iam.h"

#include <stdlib.h>

#include "aws/query_form.h"
#include "base/memory.h"

enum { PAGE_SIZE = 1000 };

void iam_instance_profile_clear(IamInstanceProfile *profile) {
        free(profile->name);
        free(profile->arn);
        free(profile->path);
        string_list_clear(&profile->role_names);
        *profile = (IamInstanceProfile){ 0 };
}

void iam_instance_profiles_clear(IamInstanceProfiles *profiles) {
        for (size_t i = 0; i < profiles->count; i++)
                iam_instance_profile_clear(&profiles->items[i]);
        free(profiles->items);
        *profiles = (IamInstanceProfiles){ 0 };
}

static void read_profile(const Xml *element, IamInstanceProfile *ret) {
        const Xml *roles = xml_first(element, "Roles");

        *ret = (IamInstanceProfile){ .name = xml_text_copy(element, "InstanceProfileName"),
                                     .arn = xml_text_copy(element, "Arn"),
                                     .path = xml_text_copy(element, "Path") };
        for (const Xml *role = xml_first(roles, "member"); role; role = xml_next(role, "member"))
                string_list_take(&ret->role_names, xml_text_copy(role, "RoleName"));
}

static void add_profile(void *context, const Xml *item) {
        IamInstanceProfiles *profiles = context;

        profiles->items = xrealloc(profiles->items, (profiles->count + 1) * sizeof(*profiles->items));
        read_profile(item, &profiles->items[profiles->count++]);
}

bool iam_list_instance_profiles(
        AwsSession *session, const char *path_prefix, IamInstanceProfiles *ret, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        IamInstanceProfiles found = { 0 };
        /* IAM names a marker only while more is to come, so IsTruncated need not be read. */
        const QueryPages pages = { .service = &aws_iam,
                                   .action = "ListInstanceProfiles",
                                   .form = &form,
                                   .token_sent = "Marker",
                                   .token_read = "Marker",
                                   .list = "InstanceProfiles",
                                   .key = "Arn",
                                   .read = add_profile,
                                   .context = &found };

        form_add(&form, path_prefix, "PathPrefix");
        form_add_int(&form, PAGE_SIZE, "MaxItems");
        if (!query_read_pages(session, &pages, err)) {
                iam_instance_profiles_clear(&found);
                return false;
        }
        *ret = found;
        return true;
}

bool iam_get_instance_profile(AwsSession *session, const char *name, IamInstanceProfile *ret, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(xml_free) Xml *answer = NULL;
        const Xml *result = NULL;

        if (text_empty(name))
                return error_set(err, ERROR_INVALID, "GetInstanceProfile: a name is needed");
        form_add(&form, name, "InstanceProfileName");
        if (!query_call(session, &aws_iam, "GetInstanceProfile", &form, &answer, &result, err))
                return false;
        read_profile(xml_first(result, "InstanceProfile"), ret);
        return true;
}
