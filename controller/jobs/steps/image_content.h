/* What the application wants in its image, read from its document: hooks and features. */
#pragma once

#include "jobs/steps/job_ec2.h"

typedef struct AppImageContent {
        ImageContent content; /* points into what is below */
        JobEc2 *ec2;
        ImageFeature *features;
        char *pre, *post;
} AppImageContent;

/* In place. Repositories are checked out into the job's work folder, at the commit the job has seen first. */
bool image_content_read(AppImageContent *ret, JobEc2 *ec2, Error **err);
void image_content_clear(AppImageContent *content);
static inline void image_content_clearp(AppImageContent *content) {
        image_content_clear(content);
}
