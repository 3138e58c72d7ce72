#include "aws/ec2_status.h"

#include <stdlib.h>

#include "aws/ec2_form.h"
#include "base/memory.h"

void ec2_status_clear(Ec2Status *status) {
        free(status->id);
        free(status->system);
        free(status->instance);
        free(status->disks);
        free(status->event);
        free(status->event_text);
        *status = (Ec2Status){ 0 };
}

bool ec2_describe_status(AwsSession *session, const char *id, Ec2Status *ret, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(xml_free) Xml *answer = NULL;

        form_add(&form, id, "InstanceId.1");
        if (!aws_call(session, &aws_ec2, "DescribeInstanceStatus", &form, &answer, err))
                return false;
        const Xml *item = xml_find(answer, "instanceStatusSet/item");
        *ret = (Ec2Status){ .id = xml_text_copy(item, "instanceId"),
                            .system = xml_text_copy(item, "systemStatus/status"),
                            .instance = xml_text_copy(item, "instanceStatus/status"),
                            .disks = xml_text_copy(item, "attachedEbsStatus/status"),
                            .event = xml_text_copy(item, "eventsSet/item/code"),
                            .event_text = xml_text_copy(item, "eventsSet/item/description") };
        return true;
}
