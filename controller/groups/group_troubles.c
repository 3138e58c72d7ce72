#include "groups/group_troubles.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/text.h"

struct GroupTroubles {
        pthread_mutex_t lock; /* guards both lists */
        Document *last;       /* of the look before */
        Document *now;        /* of the one that goes on */
};

GroupTroubles *group_troubles_new(void) {
        GroupTroubles *troubles = xcalloc(1, sizeof(*troubles));

        pthread_mutex_init(&troubles->lock, NULL);
        troubles->last = document_array();
        troubles->now = document_array();
        return troubles;
}

void group_troubles_free(GroupTroubles *troubles) {
        if (!troubles)
                return;
        pthread_mutex_destroy(&troubles->lock);
        document_free(troubles->last);
        document_free(troubles->now);
        free(troubles);
}

void group_troubles_begin(GroupTroubles *troubles) {
        pthread_mutex_lock(&troubles->lock);
        document_free(troubles->now);
        troubles->now = document_array();
        pthread_mutex_unlock(&troubles->lock);
}

void group_troubles_end(GroupTroubles *troubles) {
        pthread_mutex_lock(&troubles->lock);
        document_free(troubles->last);
        troubles->last = document_copy(troubles->now);
        pthread_mutex_unlock(&troubles->lock);
}

static const Document *find_same(const Document *list, const Document *trouble) {
        static const char *const members[] = { "app_id", "instance_id", "trouble" };

        for (size_t i = 0; i < document_count(list); i++) {
                const Document *one = document_at(list, i);
                size_t same = 0;

                while (same < sizeof(members) / sizeof(members[0]) &&
                       text_equal(
                               document_get_string(one, members[same]),
                               document_get_string(trouble, members[same])))
                        same++;
                if (same == sizeof(members) / sizeof(members[0]))
                        return one;
        }
        return NULL;
}

void group_troubles_tell(
        GroupTroubles *troubles, const Document *app, const char *instance_id, const char *message) {
        CLEANUP(free) char *since = clock_format_http(clock_now_us());
        Document *trouble = document_object();

        document_set_string(trouble, "app_id", document_get_string(app, "_id"));
        document_set_string(trouble, "group", document_get_string(app, "autoscale.name"));
        if (instance_id)
                document_set_string(trouble, "instance_id", instance_id);
        document_set_string(trouble, "trouble", message);
        pthread_mutex_lock(&troubles->lock);
        const Document *known = find_same(troubles->last, trouble);
        document_set_string(trouble, "since", known ? document_get_string(known, "since") : since);
        document_append(troubles->now, trouble);
        pthread_mutex_unlock(&troubles->lock);
}

Document *group_troubles_describe(GroupTroubles *troubles) {
        pthread_mutex_lock(&troubles->lock);
        Document *list = document_copy(troubles->last);
        pthread_mutex_unlock(&troubles->lock);
        return list;
}
