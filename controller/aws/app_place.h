/* Where an application's resources are and by whose rights they are reached: its region and assumed_* fields.
 */
#pragma once

#include "aws/aws.h"
#include "json/document.h"

typedef struct AppPlace {
        const char *region; /* NULL: the controller's own */
        AwsRole role;       /* of the application, when it names one */
        bool assumes;
} AppPlace; /* borrowed from the application */

void app_place_read(const Document *app, AppPlace *ret);
/* The role for an AwsSession: NULL is the controller's own identity. */
const AwsRole *app_place_role(const AppPlace *place);
