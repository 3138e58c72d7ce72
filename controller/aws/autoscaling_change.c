#include "aws/autoscaling_change.h"

#include "base/memory.h"

enum { BUSY_MS = 5 * 60 * 1000 };

bool asg_change(AwsSession *session, const char *action, const AwsForm *form, Error **err) {
        Deadline patience = deadline_earlier(session->deadline, deadline_after_ms(BUSY_MS));

        for (;;) {
                CLEANUP(error_free) Error *error = NULL, *ended = NULL;

                if (query_do(session, &aws_autoscaling, action, form, &error))
                        return true;
                if (!text_equal(session->failure.code, "ScalingActivityInProgress") ||
                    deadline_passed(patience) ||
                    !aws_session_sleep(session, aws_poll_interval_ms(session->aws), &ended)) {
                        /* What the group says is worth more than that time is up. */
                        *err = ended && error_kind(ended) == ERROR_CANCELLED ? TAKE(ended) : TAKE(error);
                        return false;
                }
        }
}
