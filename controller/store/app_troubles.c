#include "store/app_troubles.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

enum { TROUBLES_MAX = 200 };

typedef struct Trouble {
        Document *said;
        int64_t told_ms; /* the last time */
} Trouble;

struct AppTroubles {
        pthread_mutex_t lock; /* guards the list */
        Trouble list[TROUBLES_MAX];
        size_t count;
};

AppTroubles *app_troubles_new(void) {
        AppTroubles *troubles = xcalloc(1, sizeof(*troubles));

        pthread_mutex_init(&troubles->lock, NULL);
        return troubles;
}

void app_troubles_free(AppTroubles *troubles) {
        if (!troubles)
                return;
        pthread_mutex_destroy(&troubles->lock);
        for (size_t i = 0; i < troubles->count; i++)
                document_free(troubles->list[i].said);
        free(troubles);
}

/* ---- with the lock held ---- */

static void drop(AppTroubles *troubles, size_t index) {
        document_free(troubles->list[index].said);
        troubles->count--;
        memmove(&troubles->list[index], &troubles->list[index + 1],
                (troubles->count - index) * sizeof(troubles->list[0]));
}

static size_t length_without_request(const char *message) {
        const char *request = strstr(message, " (request ");

        return request ? (size_t) (request - message) : strlen(message);
}

static bool same_message(const char *one, const char *other) {
        size_t length = length_without_request(one);

        return length == length_without_request(other) && strncmp(one, other, length) == 0;
}

/* Its index, or the count. */
static size_t find_same(const AppTroubles *troubles, const Document *said) {
        size_t i = 0;

        while (i < troubles->count) {
                const Document *known = troubles->list[i].said;

                if (text_equal(document_get_string(known, "app_id"), document_get_string(said, "app_id")) &&
                    text_equal(
                            document_get_string(known, "instance_id"),
                            document_get_string(said, "instance_id")) &&
                    same_message(document_get_string(known, "trouble"), document_get_string(said, "trouble")))
                        break;
                i++;
        }
        return i;
}

static void drop_oldest(AppTroubles *troubles) {
        size_t oldest = 0;

        for (size_t i = 1; i < troubles->count; i++)
                if (troubles->list[i].told_ms < troubles->list[oldest].told_ms)
                        oldest = i;
        drop(troubles, oldest);
}

/* ---- what others see ---- */

void app_troubles_tell(
        AppTroubles *troubles, const Document *app, const char *instance_id, const char *message) {
        CLEANUP(free) char *since = clock_format_http(clock_now_us());
        Document *said = document_object();

        document_set_string(said, "app_id", document_get_string(app, "_id"));
        document_set_string(said, "group", document_get_string(app, "autoscale.name"));
        if (instance_id)
                document_set_string(said, "instance_id", instance_id);
        document_set_string(said, "trouble", message);
        pthread_mutex_lock(&troubles->lock);
        size_t known = find_same(troubles, said);
        if (known < troubles->count) {
                document_set_string(said, "since", document_get_string(troubles->list[known].said, "since"));
                document_free(troubles->list[known].said);
        } else {
                document_set_string(said, "since", since);
                if (troubles->count == TROUBLES_MAX)
                        drop_oldest(troubles);
                known = troubles->count++;
        }
        troubles->list[known] = (Trouble){ .said = said, .told_ms = clock_monotonic_ms() };
        pthread_mutex_unlock(&troubles->lock);
}

void app_troubles_forget_before(AppTroubles *troubles, int64_t since_ms) {
        pthread_mutex_lock(&troubles->lock);
        for (size_t i = troubles->count; i-- > 0;)
                if (troubles->list[i].told_ms < since_ms)
                        drop(troubles, i);
        pthread_mutex_unlock(&troubles->lock);
}

void app_troubles_forget_app(AppTroubles *troubles, const char *app_id) {
        pthread_mutex_lock(&troubles->lock);
        for (size_t i = troubles->count; i-- > 0;)
                if (text_equal(document_get_string(troubles->list[i].said, "app_id"), app_id))
                        drop(troubles, i);
        pthread_mutex_unlock(&troubles->lock);
}

Document *app_troubles_describe(AppTroubles *troubles) {
        Document *list = document_array();

        pthread_mutex_lock(&troubles->lock);
        for (size_t i = 0; i < troubles->count; i++)
                document_append(list, document_copy(troubles->list[i].said));
        pthread_mutex_unlock(&troubles->lock);
        return list;
}
