#include "aws/ec2_image_search.h"

#include <stdlib.h>
#include <string.h>

#include "aws/ec2_form.h"
#include "base/memory.h"

enum { MAX_TOKEN_CHARACTERS = 64 };

/* Dates are ISO 8601, all in UTC, so they sort as text. */
static int compare_newest_first(const void *one, const void *other) {
        return strcmp(((const Ec2Image *) other)->creation_date, ((const Ec2Image *) one)->creation_date);
}

/* The pattern's own wildcards are meant, so it does not go through ec2_filters_add(). */
static void add_filter(AwsForm *form, size_t *count, const char *name, const char *value) {
        if (text_empty(value))
                return;
        (*count)++;
        form_add(form, name, "Filter.%zu.Name", *count);
        form_add(form, value, "Filter.%zu.Value.1", *count);
}

bool ec2_find_images(AwsSession *session, const Ec2ImageQuery *query, Ec2Images *ret, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        size_t count = query->filters ? query->filters->count : 0;

        if (text_empty(query->owner))
                return error_set(
                        err, ERROR_INVALID, "DescribeImages: an owner is needed, anybody can take a name");
        form_add(&form, query->owner, "Owner.1");
        if (query->filters)
                ec2_form_add_filters(&form, query->filters);
        add_filter(&form, &count, "name", query->name_pattern);
        add_filter(&form, &count, "architecture", query->architecture);
        add_filter(&form, &count, "state", "available");
        if (!ec2_read_images(session, &form, true, ret, err))
                return false;
        if (ret->count > 0)
                qsort(ret->items, ret->count, sizeof(*ret->items), compare_newest_first);
        return true;
}

bool ec2_copy_image(AwsSession *session, const Ec2CopySpec *spec, char **ret_image_id, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(xml_free) Xml *answer = NULL;

        if (text_empty(spec->client_token) || strlen(spec->client_token) > MAX_TOKEN_CHARACTERS)
                return error_set(
                        err, ERROR_INVALID, "CopyImage: a client token of 1 to %d characters is needed",
                        MAX_TOKEN_CHARACTERS);
        form_add(&form, spec->name, "Name");
        form_add(&form, spec->source_image_id, "SourceImageId");
        form_add(&form, spec->source_region, "SourceRegion");
        form_add(&form, spec->client_token, "ClientToken");
        form_add(&form, spec->description, "Description");
        if (!text_empty(spec->kms_key_id)) {
                form_add_bool(&form, true, "Encrypted");
                form_add(&form, spec->kms_key_id, "KmsKeyId");
        }
        ec2_form_add_tags(&form, 1, "image", spec->tags);
        ec2_form_add_tags(&form, 2, "snapshot", spec->tags);
        if (!aws_call(session, &aws_ec2, "CopyImage", &form, &answer, err))
                return false;
        const char *id = xml_text(answer, "imageId");
        if (text_empty(id))
                return error_set(err, ERROR_INTERNAL, "CopyImage: the answer names no image");
        *ret_image_id = xstrdup(id);
        return true;
}

static void add_accounts(AwsForm *form, const char *change, const StringList *accounts) {
        for (size_t i = 0; accounts && i < accounts->count; i++)
                form_add(form, accounts->items[i], "LaunchPermission.%s.%zu.UserId", change, i + 1);
}

bool ec2_change_launch_permission(
        AwsSession *session, const char *image_id, const StringList *add, const StringList *remove,
        Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(xml_free) Xml *answer = NULL;

        if ((!add || add->count == 0) && (!remove || remove->count == 0))
                return true;
        form_add(&form, image_id, "ImageId");
        add_accounts(&form, "Add", add);
        add_accounts(&form, "Remove", remove);
        return aws_call(session, &aws_ec2, "ModifyImageAttribute", &form, &answer, err);
}
