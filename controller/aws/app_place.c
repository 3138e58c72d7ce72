#include "aws/app_place.h"

/* Account and role both or neither, as the contract has it. The role's STS may be of another region than what
 * is made. */
void app_place_read(const Document *app, AppPlace *ret) {
        const char *region = document_get_string(app, "region");

        *ret = (AppPlace){ .region = text_empty(region) ? NULL : region,
                           .role = { .account_id = document_get_string(app, "assumed_account_id"),
                                     .name = document_get_string(app, "assumed_role_name"),
                                     .external_id = document_get_string(app, "assumed_external_id"),
                                     .region = document_get_string(app, "assumed_region_name") } };
        ret->assumes = !text_empty(ret->role.account_id) && !text_empty(ret->role.name);
}

const AwsRole *app_place_role(const AppPlace *place) {
        return place->assumes ? &place->role : NULL;
}
