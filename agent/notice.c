#include "notice.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "json/document.h"

enum { ACTION_MAX = 64 };

void notice_clear(Notice *notice) {
        free(notice->action);
        *notice = (Notice){ 0 };
}

/* It ends in messages and on terminals. */
static bool is_word(const char *word) {
        static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
        size_t length = strlen(word);

        return length > 0 && length <= ACTION_MAX && strspn(word, allowed) == length;
}

/* {"action": "terminate", "time": "2017-09-18T08:22:00Z"} */
static bool parse_spot(const char *text, size_t length, Notice *ret, Error **err) {
        CLEANUP(document_free) Document *document = document_parse(text, length, err);

        if (!document)
                return false;
        const char *action = document_get_string(document, "action");
        int64_t at_us = 0;
        if (!is_word(action) || !clock_parse_iso(document_get_string(document, "time"), &at_us))
                return error_set(err, ERROR_INVALID, "neither an action nor a time");
        *ret = (Notice){ GHOST__NOTICE_KIND__NOTICE_KIND_SPOT_INTERRUPTION, xstrdup(action), at_us };
        return true;
}

/* {"noticeTime": "2020-10-27T08:22:00Z"} */
static bool parse_rebalance(const char *text, size_t length, Notice *ret, Error **err) {
        CLEANUP(document_free) Document *document = document_parse(text, length, err);
        int64_t at_us = 0;

        if (!document)
                return false;
        if (!clock_parse_iso(document_get_string(document, "noticeTime"), &at_us))
                return error_set(err, ERROR_INVALID, "no noticeTime");
        *ret = (Notice){ .kind = GHOST__NOTICE_KIND__NOTICE_KIND_REBALANCE, .at_us = at_us };
        return true;
}

/* "21 Jan 2019 09:00:43 GMT": like HTTP's, without the day of the week, which is not looked at. */
static bool parse_time(const char *time, int64_t *ret_us) {
        CLEANUP(free) char *http = xasprintf("Mon, %s%s", strchr(time, ' ') == time + 1 ? "0" : "", time);

        return clock_parse_http(http, ret_us) || clock_parse_iso(time, ret_us);
}

/* [{"NotBefore": …, "Code": "system-reboot", "State": "active", …}]; the first that is still to come. */
static bool parse_maintenance(const char *text, size_t length, Notice *ret, Error **err) {
        CLEANUP(document_free) Document *events = document_parse(text, length, err);

        if (!events)
                return false;
        if (!document_is_array(events))
                return error_set(err, ERROR_INVALID, "no list");
        const char *next = NULL;
        for (size_t i = 0; i < document_count(events); i++) {
                const Document *event = document_at(events, i);
                const char *code = document_get_string(event, "Code");
                int64_t at_us = 0;

                if (!text_equal(document_get_string(event, "State"), "active"))
                        continue;
                if (!is_word(code) || !parse_time(document_get_string(event, "NotBefore"), &at_us))
                        return error_set(err, ERROR_INVALID, "an event without Code or NotBefore");
                if (next && ret->at_us <= at_us)
                        continue;
                next = code;
                ret->at_us = at_us;
        }
        if (next)
                *ret = (Notice){ GHOST__NOTICE_KIND__NOTICE_KIND_MAINTENANCE, xstrdup(next), ret->at_us };
        return true;
}

const NoticeSource notice_sources[NOTICE_SOURCES] = {
        { "meta-data/spot/instance-action", parse_spot },
        { "meta-data/events/recommendations/rebalance", parse_rebalance },
        { "meta-data/events/maintenance/scheduled", parse_maintenance },
};
