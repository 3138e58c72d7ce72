/* The regions and roles in which Ghost ever made something. What is noted stays, whatever becomes of the
 * application: nothing that costs money may be forgotten with it. */
#pragma once

#include "store/store.h"

typedef struct AwsPlaceRow {
        char *region;                               /* "": the controller's own */
        char *account_id, *role_name, *external_id; /* "": the controller's own identity */
        char *role_region;                          /* whose STS is asked; "": the region's */
} AwsPlaceRow;

typedef struct AwsPlaceRows {
        AwsPlaceRow *items;
        size_t count;
} AwsPlaceRows;
void aws_place_rows_clear(AwsPlaceRows *rows);
static inline void aws_place_rows_clearp(AwsPlaceRows *rows) {
        aws_place_rows_clear(rows);
}

/* Once is enough; NULL members count as "". */
bool aws_place_store_note(Store *store, const AwsPlaceRow *place, Error **err);
bool aws_place_store_list(Store *store, AwsPlaceRows *ret, Error **err);
