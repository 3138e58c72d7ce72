/* Making the instances of an application that are in no Auto Scaling group anew, each where it was. */
#pragma once

#include "jobs/steps/ec2_work.h"

/* Ends them all and makes each again with its subnet and private address. *ret_count 0: there was none, and
 * nothing was done. The addresses are in the job's memory before anything ends: run again after the
 * controller died at any point, it goes on. A failure names every address that is missing. */
bool recreate_standalone(Ec2Work *work, const Ec2App *app, size_t *ret_count, Error **err);
