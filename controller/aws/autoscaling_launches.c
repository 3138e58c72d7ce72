#include "aws/autoscaling_launches.h"

#include "aws/query_form.h"
#include "base/memory.h"

void asg_launches_clear(AsgLaunches *launches) {
        string_list_clear(&launches->templates);
        string_list_clear(&launches->configurations);
}

static void note_template(AsgLaunches *launches, const Xml *specification) {
        const char *id = xml_text(specification, "LaunchTemplateId");
        const char *version = xml_text(specification, "Version");

        if (text_empty(id))
                return;
        if (text_empty(version))
                version = "$Default";
        for (size_t i = 0; i + 1 < launches->templates.count; i += 2)
                if (text_equal(launches->templates.items[i], id) &&
                    text_equal(launches->templates.items[i + 1], version))
                        return;
        string_list_add(&launches->templates, id);
        string_list_add(&launches->templates, version);
}

static void note_configuration(AsgLaunches *launches, const Xml *element) {
        const char *name = xml_text(element, "LaunchConfigurationName");

        if (!text_empty(name) && !string_list_contains(&launches->configurations, name))
                string_list_add(&launches->configurations, name);
}

static void note_group(void *context, const Xml *group) {
        AsgLaunches *launches = context;
        const Xml *policy = xml_find(group, "MixedInstancesPolicy/LaunchTemplate");
        const Xml *overrides = xml_first(policy, "Overrides");
        const Xml *instances = xml_first(group, "Instances");

        note_template(launches, xml_first(group, "LaunchTemplate"));
        note_configuration(launches, group);
        note_template(launches, xml_first(policy, "LaunchTemplateSpecification"));
        for (const Xml *one = xml_first(overrides, "member"); one; one = xml_next(one, "member"))
                note_template(launches, xml_first(one, "LaunchTemplateSpecification"));
        for (const Xml *one = xml_first(instances, "member"); one; one = xml_next(one, "member")) {
                note_template(launches, xml_first(one, "LaunchTemplate"));
                note_configuration(launches, one);
        }
}

static bool read_all(AwsSession *session, AsgLaunches *launches, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        const QueryPages pages = { .service = &aws_autoscaling,
                                   .action = "DescribeAutoScalingGroups",
                                   .form = &form,
                                   .token_sent = "NextToken",
                                   .token_read = "NextToken",
                                   .list = "AutoScalingGroups",
                                   .key = "AutoScalingGroupName",
                                   .read = note_group,
                                   .context = launches };

        return query_read_pages(session, &pages, err);
}

bool asg_add_configuration_images(
        AwsSession *session, const AsgLaunches *launches, StringList *images, Error **err) {
        for (size_t i = 0; i < launches->configurations.count; i++) {
                CLEANUP(form_clear) AwsForm form = { 0 };
                CLEANUP(xml_free) Xml *answer = NULL;

                form_add(&form, launches->configurations.items[i], "LaunchConfigurationNames.member.1");
                if (!aws_call(session, &aws_autoscaling, "DescribeLaunchConfigurations", &form, &answer, err))
                        return false;
                const char *image = xml_text(
                        answer, "DescribeLaunchConfigurationsResult/LaunchConfigurations/member/ImageId");
                if (!text_empty(image))
                        string_list_add(images, image);
        }
        return true;
}

bool asg_find_launches(AwsSession *session, AsgLaunches *ret, Error **err) {
        AsgLaunches found = { 0 };

        if (!read_all(session, &found, err)) {
                asg_launches_clear(&found);
                return false;
        }
        *ret = found;
        return true;
}
