/* Deliveries of providers as tests make them: headers by name, a payload with ' for " or from the samples. */
#pragma once

#include <strings.h>

#include "harness/json_text.h"
#include "harness/shared_files.h"
#include "webhooks/provider.h"

enum { HEADERS_MAX = 8 };

typedef struct DeliveryCase {
        const char *headers[HEADERS_MAX][2];
        char *body;
        Document *payload;
        Delivery delivery;
} DeliveryCase;

static inline const char *delivery_header(const void *context, const char *name) {
        const DeliveryCase *test = context;

        for (size_t i = 0; i < HEADERS_MAX && test->headers[i][0]; i++)
                if (strcasecmp(test->headers[i][0], name) == 0)
                        return test->headers[i][1];
        return NULL;
}

/* body is taken. */
static inline DeliveryCase *delivery_of(char *body) {
        CLEANUP(error_free) Error *problem = NULL;
        DeliveryCase *test = xcalloc(1, sizeof(*test));

        test->body = body;
        test->payload = document_parse(body, strlen(body), &problem);
        if (!test->payload)
                fail_msg("%s: %s", body, error_message(problem));
        test->delivery = (Delivery){ .header = delivery_header,
                                     .context = test,
                                     .body = body,
                                     .length = strlen(body),
                                     .payload = test->payload };
        return test;
}

static inline void delivery_free(DeliveryCase *test) {
        if (!test)
                return;
        document_free(test->payload);
        free(test->body);
        free(test);
}
CLEANUP_DEFINE(DeliveryCase, delivery_free);

static inline DeliveryCase *delivery_json(const char *text) {
        return delivery_of(json_text(text));
}

/* NULL when the samples are not there. */
static inline DeliveryCase *delivery_sample(const char *name) {
        CLEANUP(free) char *path = xasprintf("vectors/webhooks/%s", name);
        char *body = shared_file_read(path);

        return body ? delivery_of(body) : NULL;
}

/* The news of a payload, which must be fit to read. */
static inline HookNews news_of(const HookProvider *provider, const char *event, const DeliveryCase *test) {
        HookNews news = { 0 };

        assert_ok(provider->read(event, test->payload, &news, err));
        assert_true(news.count > 0);
        return news;
}

static inline void assert_change(const HookNews *news, HookEvent event, const char *revision) {
        assert_int_equal(news->changes[0].event, event);
        assert_string_equal(news->changes[0].revision, revision);
        assert_null(news->changes[0].idle);
}

static inline void assert_unreadable(
        const HookProvider *provider, const char *event, const char *json, const char *message) {
        CLEANUP(delivery_free) DeliveryCase *test = delivery_json(json);
        CLEANUP(hook_news_clear) HookNews news = { 0 };

        assert_fails(ERROR_INVALID, message, provider->read(event, test->payload, &news, err));
}
