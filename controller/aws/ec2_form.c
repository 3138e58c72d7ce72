#include "aws/ec2_form.h"

#include <stdlib.h>
#include <string.h>

#include "aws/pages.h"
#include "base/memory.h"
#include "net/url.h"

void ec2_tags_add(Ec2Tags *tags, const char *key, const char *value) {
        for (size_t i = 0; i < tags->count; i++)
                if (text_equal(tags->items[i].key, key)) {
                        free(tags->items[i].value);
                        tags->items[i].value = xstrdup(value);
                        return;
                }
        tags->items = xrealloc(tags->items, (tags->count + 1) * sizeof(*tags->items));
        tags->items[tags->count++] = (Ec2Tag){ xstrdup(key), xstrdup(value) };
}

const char *ec2_tags_value(const Ec2Tags *tags, const char *key) {
        for (size_t i = 0; i < tags->count; i++)
                if (text_equal(tags->items[i].key, key))
                        return tags->items[i].value;
        return NULL;
}

void ec2_tags_clear(Ec2Tags *tags) {
        for (size_t i = 0; i < tags->count; i++) {
                free(tags->items[i].key);
                free(tags->items[i].value);
        }
        free(tags->items);
        *tags = (Ec2Tags){ 0 };
}

/* A filter value may hold '*' and '?': an application named "a*" must not find those of "ab". */
static char *escape_wildcards(const char *value) {
        Text text = { 0 };

        for (; *value; value++) {
                if (strchr("*?\\", *value))
                        text_append(&text, "\\");
                text_append_bytes(&text, value, 1);
        }
        return text_take(&text);
}

void ec2_filters_add(Ec2Filters *filters, const char *name, const char *value) {
        size_t i = 0;

        while (i < filters->count && !text_equal(filters->items[i].name, name))
                i++;
        if (i == filters->count) {
                if (filters->count == EC2_MAX_FILTERS)
                        abort(); /* a bug: filters are written in our code */
                filters->items[filters->count++].name = xstrdup(name);
        }
        string_list_take(&filters->items[i].values, escape_wildcards(value));
}

void ec2_filters_add_tag(Ec2Filters *filters, const char *key, const char *value) {
        CLEANUP(free) char *name = xasprintf("tag:%s", key);

        ec2_filters_add(filters, name, value);
}

void ec2_filters_add_living(Ec2Filters *filters) {
        static const Ec2InstanceState living[] = { EC2_PENDING, EC2_RUNNING, EC2_STOPPING, EC2_STOPPED,
                                                   EC2_SHUTTING_DOWN };

        for (size_t i = 0; i < sizeof(living) / sizeof(living[0]); i++)
                ec2_filters_add(filters, "instance-state-name", ec2_instance_state_word(living[i]));
}

void ec2_filters_clear(Ec2Filters *filters) {
        for (size_t i = 0; i < filters->count; i++) {
                free(filters->items[i].name);
                string_list_clear(&filters->items[i].values);
        }
        *filters = (Ec2Filters){ 0 };
}

/* States alone do not narrow anything down to us. */
bool ec2_filters_check(const Ec2Filters *filters, Error **err) {
        for (size_t i = 0; i < filters->count; i++)
                for (size_t j = 0; j < filters->items[i].values.count; j++)
                        if (!text_equal(filters->items[i].name, "instance-state-name") &&
                            *filters->items[i].values.items[j])
                                return true;
        return error_set(err, ERROR_INVALID, "a search without a filter would find what is not ours");
}

void ec2_form_add_filters(AwsForm *form, const Ec2Filters *filters) {
        for (size_t i = 0; i < filters->count; i++) {
                form_add(form, filters->items[i].name, "Filter.%zu.Name", i + 1);
                for (size_t j = 0; j < filters->items[i].values.count; j++)
                        form_add(
                                form, filters->items[i].values.items[j], "Filter.%zu.Value.%zu", i + 1,
                                j + 1);
        }
}

void ec2_form_add_devices(AwsForm *form, const Ec2BlockDevice *devices, size_t count) {
        for (size_t i = 0; i < count; i++) {
                const Ec2BlockDevice *device = &devices[i];
                CLEANUP(free) char *start = xasprintf("BlockDeviceMapping.%zu", i + 1);

                form_add(form, device->name, "%s.DeviceName", start);
                form_add(form, device->type ? device->type : "gp3", "%s.Ebs.VolumeType", start);
                if (device->size_gib > 0)
                        form_add_int(form, device->size_gib, "%s.Ebs.VolumeSize", start);
                if (device->iops > 0)
                        form_add_int(form, device->iops, "%s.Ebs.Iops", start);
                form_add(form, "true", "%s.Ebs.Encrypted", start);
                form_add(form, "true", "%s.Ebs.DeleteOnTermination", start);
        }
}

void ec2_form_add_tags(AwsForm *form, int index, const char *resource_type, const Ec2Tags *tags) {
        if (!tags || tags->count == 0)
                return;
        form_add(form, resource_type, "TagSpecification.%d.ResourceType", index);
        for (size_t i = 0; i < tags->count; i++) {
                CLEANUP(free) char *name = xasprintf("TagSpecification.%d.Tag.%zu.Value", index, i + 1);

                form_add(form, tags->items[i].key, "TagSpecification.%d.Tag.%zu.Key", index, i + 1);
                url_append_parameter(&form->body, name, tags->items[i].value); /* an empty value is a value */
        }
}

void ec2_read_tags(const Xml *element, Ec2Tags *ret) {
        const Xml *set = xml_first(element, "tagSet");

        for (const Xml *item = xml_first(set, "item"); item; item = xml_next(item, "item")) {
                const char *key = xml_text(item, "key"), *value = xml_text(item, "value");

                if (!text_empty(key))
                        ec2_tags_add(ret, key, value ? value : "");
        }
}

bool ec2_read_pages(AwsSession *session, const Ec2Pages *pages, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        const AwsPages all = { .service = &aws_ec2,
                               .action = pages->action,
                               .form = &form,
                               .token_sent = "NextToken",
                               .token_read = "nextToken",
                               .items = pages->items,
                               .key = pages->key,
                               .read = pages->read,
                               .context = pages->context };

        text_append(&form.body, pages->form->body.data ? pages->form->body.data : "");
        if (pages->sized)
                form_add_int(&form, EC2_PAGE_SIZE, "MaxResults");
        return aws_read_pages(session, &all, err);
}

bool ec2_remove_by_id(
        AwsSession *session, const char *action, const char *parameter, const char *id, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(xml_free) Xml *answer = NULL;
        CLEANUP(error_free) Error *error = NULL;

        form_add(&form, id, "%s", parameter);
        if (aws_call(session, &aws_ec2, action, &form, &answer, &error) ||
            session->failure.class == AWS_ERROR_NOT_FOUND)
                return true;
        *err = TAKE(error);
        return false;
}
