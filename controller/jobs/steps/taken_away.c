#include "jobs/steps/taken_away.h"

#include "aws/ec2_wait.h"
#include "base/text.h"

enum { LOOK_MS = 200 };

static bool is_taking_back(const char *reason) {
        static const char *const reasons[] = { "Server.SpotInstanceTermination",
                                               "Server.SpotInstanceShutdown",
                                               "Server.InsufficientInstanceCapacity" };

        for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
                if (text_equal(reason, reasons[i]))
                        return true;
        return false;
}

bool instance_taken_away(AwsSession *session, const char *instance_id, int64_t patience_ms) {
        Deadline deadline = deadline_after_ms(patience_ms);
        CLEANUP(string_list_clear) StringList ids = { 0 };

        string_list_add(&ids, instance_id);
        for (;;) {
                CLEANUP(ec2_instances_clear) Ec2Instances found = { 0 };
                CLEANUP(error_free) Error *unknown = NULL, *stopped = NULL;

                if (ec2_seek_instances(session, &ids, &found, &unknown) && found.count > 0) {
                        const Ec2Instance *instance = &found.items[0];
                        bool is_on = instance->state == EC2_RUNNING || instance->state == EC2_PENDING;

                        if (!is_on)
                                return is_taking_back(instance->state_reason_code);
                }
                if (deadline_passed(deadline) || !aws_session_sleep(session, LOOK_MS, &stopped))
                        return false;
        }
}
