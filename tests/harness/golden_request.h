/* Requests as botocore serializes them (vectors/aws/golden-requests.json), beside those that were sent. */
#pragma once

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "harness/scripted_http.h"
#include "harness/shared_files.h"
#include "harness/text_assertions.h"
#include "net/url.h"

/* NULL: the vectors are not there, and the test is to be skipped. */
static inline json_t *golden_requests(void) {
        CLEANUP(free) char *text = shared_file_read("vectors/aws/golden-requests.json");

        return text ? json_loads(text, 0, NULL) : NULL;
}

static inline json_t *golden_form(const json_t *golden, const char *service, const char *operation) {
        json_t *request;
        size_t index;

        json_array_foreach(json_object_get(golden, "requests"), index, request)
                if (text_equal(json_string_value(json_object_get(request, "service")), service) &&
                    text_equal(json_string_value(json_object_get(request, "operation")), operation))
                        return json_object_get(request, "form");
        fail_msg("no golden request for %s %s", service, operation);
        return NULL;
}

/* Every name that was sent is one that botocore sends too. */
static inline void assert_golden_names(
        ScriptedHttp *server, size_t index, const json_t *golden, const char *service,
        const char *operation) {
        const json_t *form = golden_form(golden, service, operation);
        const char *body = strstr(scripted_http_request(server, index), "\r\n\r\n");
        CLEANUP(string_list_clear) StringList parts = { 0 };

        text_split(body ? body + 4 : "", '&', &parts);
        for (size_t i = 0; i < parts.count; i++) {
                CLEANUP(free) char *name = url_decode(parts.items[i], strcspn(parts.items[i], "="), NULL);

                if (!json_object_get(form, name))
                        fail_msg("%s: %s is not a name that botocore sends", operation, name);
        }
}

/* Everything that was sent is in the golden request with the same value; so many of its parameters are not
 * sent. */
static inline void assert_golden(
        ScriptedHttp *server, size_t index, const json_t *golden, const char *service, const char *operation,
        size_t not_sent) {
        const json_t *form = golden_form(golden, service, operation);
        const char *body = strstr(scripted_http_request(server, index), "\r\n\r\n");
        CLEANUP(string_list_clear) StringList parts = { 0 };

        text_split(body ? body + 4 : "", '&', &parts);
        for (size_t i = 0; i < parts.count; i++) {
                size_t length = strcspn(parts.items[i], "=");
                const char *rest = parts.items[i] + length + (parts.items[i][length] == '=' ? 1 : 0);
                CLEANUP(free) char *name = url_decode(parts.items[i], length, NULL);
                CLEANUP(free) char *value = url_decode(rest, strlen(rest), NULL);
                const char *expected = json_string_value(json_object_get(form, name));

                if (!text_equal(expected, value))
                        fail_msg(
                                "%s: %s is '%s', botocore's '%s'", operation, name, value,
                                expected ? expected : "(not there)");
        }
        if (json_object_size(form) != parts.count + not_sent)
                fail_msg(
                        "%s: %zu parameters were sent, botocore sends %zu", operation, parts.count,
                        json_object_size(form));
}
