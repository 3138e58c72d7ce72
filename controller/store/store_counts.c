#include "store/store_counts.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"
#include "store/query.h"

void store_counts_clear(StoreCounts *counts) {
        for (size_t i = 0; i < counts->job_count; i++) {
                free(counts->jobs[i].command);
                free(counts->jobs[i].status);
        }
        free(counts->jobs);
        *counts = (StoreCounts){ 0 };
}

static bool read_jobs(Store *store, StoreCounts *ret, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_read(
                    store,
                    "SELECT command, status, count(*), min(created_us) FROM jobs "
                    "WHERE status IN ('init', 'started') GROUP BY command, status ORDER BY command, status",
                    &query, err))
                return false;
        for (bool row = false;;) {
                if (!query_step(&query, &row, err))
                        return false;
                if (!row)
                        return true;
                ret->jobs = xrealloc(ret->jobs, (ret->job_count + 1) * sizeof(*ret->jobs));
                JobCount *job = &ret->jobs[ret->job_count++];
                *job = (JobCount){ .command = query_text(&query, 0),
                                   .status = query_text(&query, 1),
                                   .count = query_int(&query, 2) };
                int64_t oldest_us = query_int(&query, 3);
                if (text_equal(job->status, "init") &&
                    (ret->oldest_queued_us == 0 || oldest_us < ret->oldest_queued_us))
                        ret->oldest_queued_us = oldest_us;
        }
}

static bool read_number(Store *store, const char *sql, int64_t *ret, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        bool row = false;

        if (!query_read(store, sql, &query, err) || !query_step(&query, &row, err))
                return false;
        *ret = row ? query_int(&query, 0) : 0;
        return true;
}

bool store_counts_read(Store *store, StoreCounts *ret, Error **err) {
        store_counts_clear(ret);
        return read_jobs(store, ret, err) &&
               read_number(
                       store, "SELECT count(*) FROM instances WHERE state IS NOT 'gone'", &ret->instances,
                       err) &&
               read_number(
                       store, "SELECT count(*) FROM notification_deliveries WHERE given_up = 0",
                       &ret->notifications_waiting, err) &&
               read_number(
                       store, "SELECT count(*) FROM notification_deliveries WHERE given_up = 1",
                       &ret->notifications_given_up, err);
}
