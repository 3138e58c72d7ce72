/* What was done on an instance until it was ready, as one log. One that a job made has its lines in the
 * job's log; what is done without a job (a bootstrap in a group, a notice of AWS) in a file of its own. */
#pragma once

#include "api/services.h"

/* A file to read, to be closed; -1: nothing was said of it yet. The lines of its job come first; those of its
 * own follow when nothing more can come before them, so that an offset means the same byte for ever. */
bool instance_log_open(const Services *services, const Document *instance, int *ret_fd, Error **err);
