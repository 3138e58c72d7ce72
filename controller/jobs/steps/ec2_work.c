#include "jobs/steps/ec2_work.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/memory.h"

void join_info_clear(JoinInfo *info) {
        free(info->controller);
        free(info->server_name);
        if (info->token)
                crypto_wipe(info->token, strlen(info->token));
        free(info->token);
        free(info->ca_pem);
        free(info->agent_url);
        free(info->agent_sha256);
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
