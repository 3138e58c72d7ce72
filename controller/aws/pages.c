#include "aws/pages.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"

enum { PAGES_MAX = 200, STARTS_MAX = 3 };

typedef struct Item {
        const Xml *element;
        const char *key;
        size_t place;
        bool shown_again;
} Item;

/* One reading of the list. */
typedef struct Reading {
        Xml *answers[PAGES_MAX];
        size_t answer_count;
        StringList tokens; /* all that were sent */
        bool refused;      /* the last of them is not known (any more) */
        Item *items;
        size_t item_count;
} Reading;

static void reading_clearp(Reading *reading) {
        for (size_t i = 0; i < reading->answer_count; i++)
                xml_free(reading->answers[i]);
        string_list_clear(&reading->tokens);
        free(reading->items);
}

/* What was granted without a token can be wrong with one only because of it: every service has its own code
 * for that, if any. */
static bool is_refused_token(const AwsSession *session, const char *token) {
        return token && session->failure.class == AWS_ERROR_CALLER;
}

static bool read_page(
        AwsSession *session, const AwsPages *pages, Reading *reading, const char *token, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };

        if (pages->form->body.data)
                text_append(&form.body, pages->form->body.data);
        form_add(&form, token, "%s", pages->token_sent);
        if (aws_call(
                    session, pages->service, pages->action, &form, &reading->answers[reading->answer_count],
                    err)) {
                reading->answer_count++;
                return true;
        }
        reading->refused = is_refused_token(session, token);
        return false;
}

static bool read_all(AwsSession *session, const AwsPages *pages, Reading *reading, Error **err) {
        const char *token = NULL;

        while (reading->answer_count < PAGES_MAX) {
                if (!read_page(session, pages, reading, token, err))
                        return false;
                token = xml_text(reading->answers[reading->answer_count - 1], pages->token_read);
                if (text_empty(token))
                        return true;
                if (string_list_contains(&reading->tokens, token))
                        return error_set(
                                err, ERROR_INTERNAL,
                                "%s: page %zu names the same next page as an earlier one: the list would "
                                "never end",
                                pages->action, reading->answer_count);
                string_list_add(&reading->tokens, token);
        }
        return error_set(err, ERROR_INTERNAL, "%s: more than %d pages", pages->action, PAGES_MAX);
}

/* ---- the items ---- */

static void collect(const Xml *element, const char *path, const char *key, Reading *ret) {
        size_t length = strcspn(path, "/");
        CLEANUP(free) char *name = xstrndup(path, length);

        for (const Xml *child = xml_first(element, name); child; child = xml_next(child, name)) {
                if (path[length]) {
                        collect(child, path + length + 1, key, ret);
                        continue;
                }
                ret->items = xrealloc(ret->items, (ret->item_count + 1) * sizeof(*ret->items));
                ret->items[ret->item_count] = (Item){ .element = child,
                                                      .key = key ? xml_text(child, key) : NULL,
                                                      .place = ret->item_count };
                ret->item_count++;
        }
}

static int compare_places(const void *one, const void *other) {
        size_t a = ((const Item *) one)->place, b = ((const Item *) other)->place;

        return (a > b) - (a < b);
}

static int compare_keys(const void *one, const void *other) {
        const char *a = ((const Item *) one)->key, *b = ((const Item *) other)->key;
        int order = strcmp(a ? a : "", b ? b : "");

        return order ? order : compare_places(one, other);
}

/* The later of two is the fresher. */
static void mark_repeated(Reading *reading) {
        qsort(reading->items, reading->item_count, sizeof(*reading->items), compare_keys);
        for (size_t i = 0; i + 1 < reading->item_count; i++)
                reading->items[i].shown_again = !text_empty(reading->items[i].key) &&
                                                text_equal(reading->items[i].key, reading->items[i + 1].key);
        qsort(reading->items, reading->item_count, sizeof(*reading->items), compare_places);
}

static void hand_over(const AwsPages *pages, Reading *reading) {
        for (size_t i = 0; i < reading->answer_count; i++)
                collect(reading->answers[i], pages->items, pages->key, reading);
        if (reading->answer_count > 1 && reading->item_count > 0)
                mark_repeated(reading);
        for (size_t i = 0; i < reading->item_count; i++)
                if (!reading->items[i].shown_again)
                        pages->read(pages->context, reading->items[i].element);
}

bool aws_read_pages(AwsSession *session, const AwsPages *pages, Error **err) {
        for (int start = 1;; start++) {
                CLEANUP(reading_clear) Reading reading = { 0 };
                CLEANUP(error_free) Error *error = NULL;

                if (read_all(session, pages, &reading, &error)) {
                        hand_over(pages, &reading);
                        return true;
                }
                if (!reading.refused || start == STARTS_MAX) {
                        *err = TAKE(error);
                        return !reading.refused
                                       ? false
                                       : error_prefix(
                                                 err, "the list was begun %d times and not read to its end",
                                                 start);
                }
                log_info("%s; the list is read anew", error_message(error));
        }
}
