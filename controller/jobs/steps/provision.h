/* What is put into an image before it is made: the hooks and the features of the application, as scripts that
 * the builder's agent runs one after the other. */
#pragma once

#include "jobs/provisioners/provisioner.h"
#include "jobs/steps/ec2_work.h"

/* Makes every script there will be, in the order they run, so that what is missing is found before anything
 * is launched. Features keep their order; those of a provisioner that takes them all at once run where its
 * first one stands. */
bool provision_load(const ImageContent *content, ProvisionScripts *ret, Error **err);
bool provision_run(Ec2Work *work, const char *agent_id, const ProvisionScripts *scripts, Error **err);
