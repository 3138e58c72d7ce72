#include "aws/autoscaling_policy.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define POLICY "MixedInstancesPolicy"
#define SPECIFICATION "LaunchTemplate.LaunchTemplateSpecification."

/* An answer names a template by id and name; a request may by one of them only. */
static bool is_second_name(const Xml *parent, const Xml *item) {
        return text_equal(xml_name(item), "LaunchTemplateName") && xml_first(parent, "LaunchTemplateId");
}

/* The answer's elements have the names of the request's parameters; lists are numbered there. */
static void flatten(const Xml *parent, const char *start, StringList *ret) {
        size_t member = 0;

        for (const Xml *item = xml_first(parent, NULL); item; item = xml_next(item, NULL)) {
                const char *name = xml_name(item);
                bool listed = text_equal(name, "member");
                CLEANUP(free)
                char *path = listed ? xasprintf("%s.member.%zu", start, ++member)
                                    : xasprintf("%s%s%s", start, *start ? "." : "", name);

                if (xml_first(item, NULL))
                        flatten(item, path, ret);
                else if (!text_empty(xml_text(item, "")) && !is_second_name(parent, item)) {
                        string_list_add(ret, path);
                        string_list_add(ret, xml_text(item, ""));
                }
        }
}

void mixed_policy_read(const Xml *group, AutoScalingGroup *ret) {
        const Xml *policy = xml_first(group, POLICY);
        const Xml *specification = xml_find(policy, "LaunchTemplate/LaunchTemplateSpecification");

        if (!specification)
                return;
        flatten(policy, "", &ret->mixed_policy);
        free(ret->launch_template_id);
        free(ret->launch_template_version);
        ret->launch_template_id = xml_text_copy(specification, "LaunchTemplateId");
        ret->launch_template_version = xml_text_copy(specification, "Version");
}

void mixed_policy_add(AwsForm *form, const AsgSpec *spec) {
        const StringList *policy = spec->mixed_policy;

        if (!spec->launch_template_id)
                return;
        form_add(form, spec->launch_template_id, POLICY "." SPECIFICATION "LaunchTemplateId");
        form_add(form, spec->launch_template_version, POLICY "." SPECIFICATION "Version");
        for (size_t i = 0; i + 1 < policy->count; i += 2)
                if (!text_starts_with(policy->items[i], SPECIFICATION))
                        form_add(form, policy->items[i + 1], POLICY ".%s", policy->items[i]);
}
