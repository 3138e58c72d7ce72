#include "notify/mail_recipients.h"

#include <strings.h>

static bool wants(const Document *states, JobStatus status) {
        size_t count = document_count(states);

        if (count == 0 || (count == 1 && text_equal(document_value(document_at(states, 0)), "*")))
                return status == JOB_DONE || status == JOB_FAILED || status == JOB_ABORTED;
        for (size_t i = 0; i < count; i++)
                if (text_equal(
                            document_value(document_at(states, i)),
                            names_word(&job_status_names, (int) status)))
                        return true;
        return false;
}

static bool is_known(const StringList *list, const char *address) {
        for (size_t i = 0; i < list->count; i++)
                if (strcasecmp(list->items[i], address) == 0)
                        return true;
        return false;
}

void mail_recipients(const Document *log_notifications, JobStatus status, StringList *ret) {
        for (size_t i = 0; i < document_count(log_notifications); i++) {
                const Document *entry = document_at(log_notifications, i);
                const char *address = document_get_string(entry, "email");

                if (*address && wants(document_get(entry, "job_states"), status) && !is_known(ret, address))
                        string_list_add(ret, address);
        }
}
