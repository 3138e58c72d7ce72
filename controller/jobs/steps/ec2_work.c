#include "jobs/steps/ec2_work.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/memory.h"

enum { LAST_SESSION_MS = 5 * 60 * 1000 };

void join_info_clear(JoinInfo *info) {
        free(info->controller);
        free(info->server_name);
        if (info->token)
                crypto_wipe(info->token, strlen(info->token));
        free(info->token);
        free(info->ca_pem);
        free(info->agent_url);
        free(info->agent_sha256);
        free(info->agent_key);
        *info = (JoinInfo){ 0 };
}

void work_log(const Ec2Work *work, const char *format, ...) {
        va_list args;

        va_start(args, format);
        CLEANUP(free) char *line = xvasprintf(format, args);
        va_end(args);
        work->log(work->context, line);
}

void work_log_progress(void *work, const char *text) {
        work_log(work, "%s", text);
}

bool work_remember_list(const Ec2Work *work, const char *step, const StringList *items, Error **err) {
        CLEANUP(text_clear) Text joined = { 0 };

        for (size_t i = 0; i < items->count; i++)
                text_appendf(&joined, "%s%s", i > 0 ? "\n" : "", items->items[i]);
        return work->remember(work->context, step, joined.data ? joined.data : "", err);
}

bool work_recall_list(const Ec2Work *work, const char *step, StringList *ret, bool *ret_known, Error **err) {
        CLEANUP(free) char *joined = NULL;

        if (!work->recall(work->context, step, &joined, err))
                return false;
        *ret_known = joined != NULL;
        if (!text_empty(joined))
                text_split(joined, '\n', ret);
        return true;
}

bool work_remember_in_list(const Ec2Work *work, const char *step, const char *item, Error **err) {
        CLEANUP(string_list_clear) StringList items = { 0 };
        bool known = false;

        if (!work_recall_list(work, step, &items, &known, err))
                return false;
        if (string_list_contains(&items, item))
                return true;
        string_list_add(&items, item);
        return work_remember_list(work, step, &items, err);
}

AwsSession work_last_session(const Ec2Work *work) {
        return (AwsSession){ .aws = work->session->aws,
                             .region = work->session->region,
                             .role = work->session->role,
                             .deadline = deadline_after_ms(LAST_SESSION_MS) };
}

bool work_interrupted(const Ec2Work *work) {
        return work->interrupted && work->interrupted(work->context);
}
