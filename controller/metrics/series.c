#include "metrics/series.h"

#include <pthread.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "metrics/exposition.h"

typedef struct Combination {
        char *values[SERIES_LABELS_MAX];
        double sum, count;
        double buckets[SERIES_BUCKETS_MAX]; /* each without those before it */
} Combination;

struct Series {
        const SeriesSpec *spec;
        size_t label_count;
        pthread_mutex_t lock; /* guards all below */
        Combination **items;  /* in the order they came */
        size_t count;
        void *tree; /* of search.h: the same, to be found */
};

Series *series_new(const SeriesSpec *spec) {
        Series *series = xcalloc(1, sizeof(*series));

        series->spec = spec;
        while (series->label_count < SERIES_LABELS_MAX && spec->labels[series->label_count])
                series->label_count++;
        pthread_mutex_init(&series->lock, NULL);
        return series;
}

static void keep(void *node) {
        (void) node;
}

void series_free(Series *series) {
        if (!series)
                return;
        tdestroy(series->tree, keep);
        for (size_t i = 0; i < series->count; i++) {
                for (size_t label = 0; label < SERIES_LABELS_MAX; label++)
                        free(series->items[i]->values[label]);
                free(series->items[i]);
        }
        free(series->items);
        pthread_mutex_destroy(&series->lock);
        free(series);
}

static int compare(const void *a, const void *b) {
        const Combination *left = a, *right = b;
        int order = 0;

        for (size_t i = 0; i < SERIES_LABELS_MAX && order == 0 && left->values[i]; i++)
                order = strcmp(left->values[i], right->values[i]);
        return order;
}

/* With the lock held. */
static Combination *find(Series *series, const char *const *values) {
        Combination wanted = { 0 };

        for (size_t i = 0; i < series->label_count; i++)
                wanted.values[i] = (char *) (values[i] ? values[i] : "");
        Combination **place = tfind(&wanted, &series->tree, compare);
        if (place)
                return *place;
        if (series->count >= series->spec->combinations_max) {
                for (size_t i = 0; i < series->label_count; i++)
                        wanted.values[i] = (char *) "other";
                if ((place = tfind(&wanted, &series->tree, compare)))
                        return *place;
        }
        Combination *made = xcalloc(1, sizeof(*made));
        for (size_t i = 0; i < series->label_count; i++)
                made->values[i] = xstrdup(wanted.values[i]);
        series->items = xrealloc(series->items, (series->count + 1) * sizeof(Combination *));
        series->items[series->count++] = made;
        if (!tsearch(made, &series->tree, compare))
                abort();
        return made;
}

void series_add(Series *series, const char *const *values, double amount) {
        pthread_mutex_lock(&series->lock);
        Combination *found = find(series, values);
        found->sum += amount;
        found->count++;
        for (size_t i = 0; i < series->spec->bound_count; i++)
                if (amount <= series->spec->bounds[i]) {
                        found->buckets[i]++;
                        break;
                }
        pthread_mutex_unlock(&series->lock);
}

static void write_histogram(
        const Series *series, const Combination *one, const ExpositionLabel *own, Text *ret) {
        const SeriesSpec *spec = series->spec;
        CLEANUP(free) char *bucket = xasprintf("%s_bucket", spec->name);
        CLEANUP(free) char *sum = xasprintf("%s_sum", spec->name);
        CLEANUP(free) char *count = xasprintf("%s_count", spec->name);
        ExpositionLabel labels[SERIES_LABELS_MAX + 1];
        double so_far = 0;
        char bound[32];

        memcpy(labels, own, series->label_count * sizeof(*own));
        labels[series->label_count] = (ExpositionLabel){ "le", bound };
        for (size_t i = 0; i < spec->bound_count; i++) {
                so_far += one->buckets[i];
                (void) snprintf(bound, sizeof(bound), "%g", spec->bounds[i]);
                exposition_sample(ret, bucket, labels, series->label_count + 1, so_far);
        }
        (void) snprintf(bound, sizeof(bound), "+Inf");
        exposition_sample(ret, bucket, labels, series->label_count + 1, one->count);
        exposition_sample(ret, sum, labels, series->label_count, one->sum);
        exposition_sample(ret, count, labels, series->label_count, one->count);
}

void series_write(Series *series, Text *ret) {
        ExpositionLabel labels[SERIES_LABELS_MAX];

        exposition_family(
                ret, series->spec->name, series->spec->bounds ? "histogram" : "counter", series->spec->help);
        pthread_mutex_lock(&series->lock);
        for (size_t i = 0; i < series->count; i++) {
                const Combination *one = series->items[i];

                for (size_t label = 0; label < series->label_count; label++)
                        labels[label] = (ExpositionLabel){ series->spec->labels[label], one->values[label] };
                if (series->spec->bounds)
                        write_histogram(series, one, labels, ret);
                else
                        exposition_sample(ret, series->spec->name, labels, series->label_count, one->sum);
        }
        pthread_mutex_unlock(&series->lock);
}
