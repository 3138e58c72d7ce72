#include "jobs/steps/await_agent.h"

#include "base/memory.h"

enum { LOOK_INTERVAL_MS = 5000 };

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

bool await_agent(Ec2Work *work, const char *instance_id, char **ret_agent_id, Error **err) {
        Deadline boot = deadline_after_ms(work->boot_timeout_ms);

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
                if (!is_alive(work, instance_id, err))
                        return error_prefix(err, "agent of %s", instance_id);
        }
}
