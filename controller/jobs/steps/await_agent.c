#include "jobs/steps/await_agent.h"

#include "aws/ec2_status.h"
#include "base/memory.h"

enum { LOOK_INTERVAL_MS = 5000, BAD_LOOKS = 2 /* one may be out of date, or of a check that is just made */ };

/* A look that fails says nothing: the next one may not. */
static bool is_alive(Ec2Work *work, const char *instance_id, Error **err) {
        CLEANUP(string_list_clear) StringList ids = { 0 };
        CLEANUP(ec2_instances_clear) Ec2Instances found = { 0 };
        CLEANUP(error_free) Error *ignored = NULL;

        string_list_add(&ids, instance_id);
        if (!ec2_find_instances(work->session, &ids, &found, &ignored) || found.count == 0)
                return true;
        const Ec2Instance *instance = &found.items[0];
        if (instance->state == EC2_PENDING || instance->state == EC2_RUNNING ||
            instance->state == EC2_STATE_UNKNOWN)
                return true;
        return error_set(
                err, ERROR_UNAVAILABLE, "the instance is %s before its agent came%s%s",
                ec2_instance_state_word(instance->state), text_empty(instance->state_reason) ? "" : ": ",
                instance->state_reason);
}

static bool is_over(const char *event_text) {
        return text_starts_with(event_text, "[Completed]") || text_starts_with(event_text, "[Canceled]");
}

/* What EC2 finds bad about it, for the user; "": nothing. */
static void find_trouble(Ec2Work *work, const char *instance_id, Text *ret) {
        CLEANUP(ec2_status_clear) Ec2Status status = { 0 };
        CLEANUP(error_free) Error *ignored = NULL;

        if (!ec2_describe_status(work->session, instance_id, &status, &ignored))
                return;
        if (text_equal(status.system, "impaired") || text_equal(status.instance, "impaired") ||
            text_equal(status.disks, "impaired"))
                text_appendf(
                        ret, "EC2's status checks fail: system %s, instance %s, volumes %s", status.system,
                        status.instance, text_empty(status.disks) ? "unknown" : status.disks);
        else if (text_equal(status.event, "instance-retirement") && !is_over(status.event_text))
                text_appendf(
                        ret, "EC2 is going to retire it%s%s", text_empty(status.event_text) ? "" : ": ",
                        status.event_text);
}

static bool is_well(Ec2Work *work, const char *instance_id, int *bad_looks, Error **err) {
        CLEANUP(text_clear) Text trouble = { 0 };

        find_trouble(work, instance_id, &trouble);
        *bad_looks = trouble.length > 0 ? *bad_looks + 1 : 0;
        return *bad_looks < BAD_LOOKS ||
               error_set(err, ERROR_UNAVAILABLE, "it did not come, and %s", trouble.data);
}

bool await_agent(Ec2Work *work, const char *instance_id, char **ret_agent_id, Error **err) {
        Deadline boot = deadline_after_ms(work->boot_timeout_ms);
        int bad_looks = 0;

        for (;;) {
                CLEANUP(error_free) Error *failed = NULL;
                Deadline look = deadline_after_ms(LOOK_INTERVAL_MS);

                if (work->wait_agent(
                            work->context, instance_id, deadline_earlier(boot, look), ret_agent_id, &failed))
                        return true;
                if (error_kind(failed) != ERROR_TIMEOUT || deadline_passed(boot) ||
                    deadline_passed(work->session->deadline))
                        return error_set(
                                err, error_kind(failed), "agent of %s: %s", instance_id,
                                error_message(failed));
                if (!is_alive(work, instance_id, err) || !is_well(work, instance_id, &bad_looks, err))
                        return error_prefix(err, "agent of %s", instance_id);
        }
}
