/* Bringing a package to the application's running instances. */
#pragma once

#include "jobs/steps/fleet.h"

typedef struct RollOut {
        const char *module;
        const char *manifest_sha256;
        const JobOptions *options;
        const DeployBalancer *balancer; /* NULL: none */
} RollOut;

/* The package becomes what the application wants; each bootstrapped instance gets it, as the options say. On
 * failure the former release is wanted again, and what had switched goes back to it as far as fleet.h says.
 * ret is added to: failures of modules before count too. */
bool roll_out(JobContext *job, const RollOut *plan, FleetResult *ret, Error **err);
/* What a job that is not taken up again leaves behind for that module; its instances are marked as left so.
 */
void roll_out_describe(JobContext *job, const char *module, Text *ret);
