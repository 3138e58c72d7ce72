#include "aws/ec2_wait_parts.h"

#include <stdlib.h>

#include "base/crypto.h"
#include "base/memory.h"

enum { VISIBLE_WITHIN_MS = 5 * 60 * 1000, LOOKS = 3 };

bool ec2_wait_pause(AwsSession *session, Error **err) {
        int64_t interval_ms = aws_poll_interval_ms(session->aws);
        uint8_t random;

        crypto_random(&random, 1);
        return aws_session_sleep(session, interval_ms * 4 / 5 + interval_ms * 2 / 5 * random / 256, err);
}

Deadline ec2_wait_visible(const Ec2Wait *wait) {
        return deadline_after_ms(wait->visible_within_ms ? wait->visible_within_ms : VISIBLE_WITHIN_MS);
}

void ec2_wait_tell(const Ec2Wait *wait, char **last, char *text) {
        if (wait->progress && !text_equal(*last, text))
                wait->progress(wait->context, text);
        free(*last);
        *last = text;
}

static bool leads_to(Ec2InstanceState state, Ec2InstanceState wanted) {
        if (wanted == EC2_RUNNING)
                return state == EC2_PENDING || state == EC2_RUNNING || state == EC2_STATE_UNKNOWN;
        if (wanted == EC2_STOPPED)
                return state != EC2_SHUTTING_DOWN && state != EC2_TERMINATED;
        return true;
}

static bool judge_instance(const Ec2Instance *instance, Ec2InstanceState wanted, Error **err) {
        if (leads_to(instance->state, wanted))
                return true;
        return error_set(
                err, ERROR_CONFLICT, "instance %s is %s instead of %s%s%s%s%s", instance->id,
                ec2_instance_state_word(instance->state), ec2_instance_state_word(wanted),
                *instance->state_reason_code ? ": " : "", instance->state_reason_code,
                *instance->state_reason ? ": " : "", instance->state_reason);
}

/* It is in the wanted state: hands it over. */
static bool take_instance(Ec2Instance *instance, Ec2Instance *ret) {
        if (ret) {
                *ret = *instance;
                *instance = (Ec2Instance){ 0 };
        }
        return true;
}

/* EC2 knows no such instance; without an error: it is gone, as wanted. */
static bool judge_absence(const char *id, Ec2InstanceState wanted, Error **err) {
        return wanted == EC2_TERMINATED || error_set(err, ERROR_NOT_FOUND, "instance %s does not exist", id);
}

/* False. */
static bool add_how_it_stands(const char *id, Ec2InstanceState wanted, const char *stands, Error **err) {
        return error_prefix(
                err, "waiting for instance %s to be %s, it is %s", id, ec2_instance_state_word(wanted),
                stands);
}

bool ec2_wait_instance(
        AwsSession *session, const char *id, Ec2InstanceState wanted, const Ec2Wait *wait, Ec2Instance *ret,
        Error **err) {
        Deadline visible = ec2_wait_visible(wait);
        CLEANUP(string_list_clear) StringList ids = { 0 };
        CLEANUP(free) char *last = NULL;
        const char *stands = "not to be seen";

        string_list_add(&ids, id);
        for (;;) {
                CLEANUP(ec2_instances_clear) Ec2Instances found = { 0 };

                /* The time may be over in a pause or in a question. */
                if (!ec2_find_instances(session, &ids, &found, err))
                        return error_kind(*err) == ERROR_TIMEOUT &&
                               add_how_it_stands(id, wanted, stands, err);
                if (found.count > 0) {
                        Ec2Instance *instance = &found.items[0];

                        /* What was there a moment ago is so still: AWS's views of it differ. */
                        visible = ec2_wait_visible(wait);
                        stands = ec2_instance_state_word(instance->state);
                        ec2_wait_tell(wait, &last, xasprintf("instance %s is %s", id, stands));
                        if (instance->state == wanted)
                                return take_instance(instance, ret);
                        if (!judge_instance(instance, wanted, err))
                                return false;
                } else if (deadline_passed(visible))
                        return judge_absence(id, wanted, err);
                if (!ec2_wait_pause(session, err))
                        return add_how_it_stands(id, wanted, stands, err);
        }
}

/* ---- what is missing ---- */

static void find_missing(const StringList *ids, const Ec2Instances *found, StringList *ret) {
        for (size_t i = 0; i < ids->count; i++) {
                size_t j = 0;

                while (j < found->count && !text_equal(found->items[j].id, ids->items[i]))
                        j++;
                if (j == found->count)
                        string_list_add(ret, ids->items[i]);
        }
}

static void take_over(Ec2Instances *from, Ec2Instances *ret) {
        for (size_t i = 0; i < from->count; i++) {
                ret->items = xrealloc(ret->items, (ret->count + 1) * sizeof(*ret->items));
                ret->items[ret->count++] = from->items[i];
                from->items[i] = (Ec2Instance){ 0 };
        }
}

bool ec2_seek_instances(AwsSession *session, const StringList *ids, Ec2Instances *ret, Error **err) {
        CLEANUP(ec2_instances_clear) Ec2Instances found = { 0 };

        for (int look = 0; look < LOOKS; look++) {
                CLEANUP(ec2_instances_clear) Ec2Instances more = { 0 };
                CLEANUP(string_list_clear) StringList missing = { 0 };

                find_missing(ids, &found, &missing);
                if (missing.count == 0)
                        break;
                if ((look > 0 && !ec2_wait_pause(session, err)) ||
                    !ec2_find_instances(session, &missing, &more, err))
                        return false;
                take_over(&more, &found);
        }
        *ret = found;
        found = (Ec2Instances){ 0 };
        return true;
}
