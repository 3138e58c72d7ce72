/* A job and its application as the EC2 steps want them. */
#pragma once

#include "aws/app_place.h"
#include "jobs/job_context.h"
#include "jobs/steps/provision.h"

typedef struct JobEc2 {
        JobContext *job;
        AwsSession session;
        AppPlace place;
        Ec2Work work;
        Ec2App app;

        /* What app points to. */
        StringList security_groups, subnet_ids;
        Ec2Tags instance_tags;
        Ec2BlockDevice *volumes;
        size_t builder_volume_count; /* of them, the first ones: a builder has them too */
        /* NAME=value for every hook: GHOST_APP, GHOST_ENV, GHOST_ROLE, colours, and the application's own. */
        StringList environment;
} JobEc2;

/* In place: work and app point into it. */
void job_ec2_init(JobEc2 *ec2, JobContext *job);
void job_ec2_clear(JobEc2 *ec2);
static inline void job_ec2_clearp(JobEc2 *ec2) {
        job_ec2_clear(ec2);
}

/* The tags that the application wants for its instances. */
void job_ec2_read_tags(const Document *app, Ec2Tags *ret);

/* A hook of the application's lifecycle_hooks, decoded; *ret stays NULL when there is none. */
bool job_ec2_hook(const JobEc2 *ec2, const char *name, char **ret, Error **err);
