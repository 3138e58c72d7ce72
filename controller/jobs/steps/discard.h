/* Removing what a job or an application has in EC2, and making sure of it. */
#pragma once

#include "jobs/steps/ec2_work.h"

/* Has the instances begin to end; those that are gone already are success. That EC2 does not find one is not
 * believed as long as it shows it. */
bool discard_terminate(Ec2Work *work, const StringList *ids, Error **err);
/* Ends the instances and waits until they are gone. */
bool discard_instances(Ec2Work *work, const StringList *ids, Error **err);

/* One that an image has just let go may be in use for a moment longer: waits for that. */
bool discard_snapshot(Ec2Work *work, const char *id, Error **err);

/* Everything that carries the job's tag: instances, volumes and network interfaces that no instance has; when
 * `images`, also images that are not `keep_image_id`
 * (NULL: none is kept), and their snapshots. Uses its own session, so that it works for a cancelled job and
 * one whose time is up. */
bool discard_job(Ec2Work *work, bool images, const char *keep_image_id, Error **err);

/* Instances that carry the job's tag and are not among those to keep. Uses its own session as well. */
bool discard_job_but(Ec2Work *work, const StringList *keep_ids, Error **err);
