#include "store/aws_place_store.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "store/query.h"

static void place_clear(AwsPlaceRow *place) {
        free(place->region);
        free(place->account_id);
        free(place->role_name);
        free(place->external_id);
        free(place->role_region);
}

void aws_place_rows_clear(AwsPlaceRows *rows) {
        for (size_t i = 0; i < rows->count; i++)
                place_clear(&rows->items[i]);
        free(rows->items);
        *rows = (AwsPlaceRows){ 0 };
}

bool aws_place_store_note(Store *store, const AwsPlaceRow *place, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(store, "INSERT OR IGNORE INTO aws_places VALUES (?,?,?,?,?,?)", &query, err))
                return false;
        query_bind_text(&query, place->region);
        query_bind_text(&query, place->account_id);
        query_bind_text(&query, place->role_name);
        query_bind_text(&query, place->external_id);
        query_bind_text(&query, place->role_region);
        query_bind_int(&query, clock_now_us());
        return query_run(&query, err);
}

bool aws_place_store_list(Store *store, AwsPlaceRows *ret, Error **err) {
        CLEANUP(aws_place_rows_clear) AwsPlaceRows rows = { 0 };
        CLEANUP(query_end) Query query = { 0 };
        bool row = false;

        if (!query_read(
                    store, "SELECT region, account_id, role_name, external_id, role_region FROM aws_places",
                    &query, err))
                return false;
        while (query_step(&query, &row, err)) {
                if (!row) {
                        *ret = rows;
                        rows = (AwsPlaceRows){ 0 };
                        return true;
                }
                rows.items = xrealloc(rows.items, (rows.count + 1) * sizeof(*rows.items));
                rows.items[rows.count++] = (AwsPlaceRow){ .region = query_text(&query, 0),
                                                          .account_id = query_text(&query, 1),
                                                          .role_name = query_text(&query, 2),
                                                          .external_id = query_text(&query, 3),
                                                          .role_region = query_text(&query, 4) };
        }
        return false;
}
