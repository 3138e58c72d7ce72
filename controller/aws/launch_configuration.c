#include "aws/launch_configuration.h"

#include <stdlib.h>

#include "aws/query_form.h"

void launch_configuration_clear(LaunchConfiguration *configuration) {
        free(configuration->name);
        free(configuration->image_id);
        free(configuration->instance_type);
        free(configuration->key_name);
        free(configuration->instance_profile);
        *configuration = (LaunchConfiguration){ 0 };
}

bool asg_describe_launch_configuration(
        AwsSession *session, const char *name, LaunchConfiguration *ret, Error **err) {
        static const char action[] = "DescribeLaunchConfigurations";
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(xml_free) Xml *answer = NULL;
        const Xml *result = NULL;

        form_add(&form, name, "LaunchConfigurationNames.member.1");
        if (!query_call(session, &aws_autoscaling, action, &form, &answer, &result, err))
                return false;
        const Xml *item = xml_find(result, "LaunchConfigurations/member");
        if (!item)
                return error_set(err, ERROR_NOT_FOUND, "there is no launch configuration '%s'", name);
        *ret = (LaunchConfiguration){
                .name = xml_text_copy(item, "LaunchConfigurationName"),
                .image_id = xml_text_copy(item, "ImageId"),
                .instance_type = xml_text_copy(item, "InstanceType"),
                .key_name = xml_text_copy(item, "KeyName"),
                .instance_profile = xml_text_copy(item, "IamInstanceProfile"),
        };
        return true;
}
