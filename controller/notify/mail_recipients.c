#include "notify/mail_recipients.h"

#include <strings.h>

static bool is_usual(const char *state) {
        static const char *const usual[] = { "done", "failed", "aborted", JOB_WAITING };

        for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
                if (text_equal(usual[i], state))
                        return true;
        return false;
}

static bool wants(const Document *states, const char *state) {
        size_t count = document_count(states);

        if (count == 0 || (count == 1 && text_equal(document_value(document_at(states, 0)), "*")))
                return is_usual(state);
        for (size_t i = 0; i < count; i++)
                if (text_equal(document_value(document_at(states, i)), state))
                        return true;
        return false;
}

static bool is_known(const StringList *list, const char *address) {
        for (size_t i = 0; i < list->count; i++)
                if (strcasecmp(list->items[i], address) == 0)
                        return true;
        return false;
}

void mail_recipients(const Document *log_notifications, const char *state, StringList *ret) {
        for (size_t i = 0; i < document_count(log_notifications); i++) {
                const Document *entry = document_at(log_notifications, i);
                const char *address = document_get_string(entry, "email");

                if (*address && wants(document_get(entry, "job_states"), state) && !is_known(ret, address))
                        string_list_add(ret, address);
        }
}
