/* The launch template of an application: what its Auto Scaling group launches, in numbered versions. */
#pragma once

#include "jobs/steps/ec2_work.h"

typedef struct GroupTemplate {
        char *id, *name;
        char *version; /* a number */
        bool made;     /* the version was not there before this job */
} GroupTemplate;
void group_template_clear(GroupTemplate *ret);
static inline void group_template_clearp(GroupTemplate *ret) {
        group_template_clear(ret);
}

/* A version with the application's content as it is now. One that is there already is taken; running it again
 * after the controller died makes no second one. CONFLICT when somebody else's template has the name. */
bool group_template_ensure(Ec2Work *work, const Ec2App *app, GroupTemplate *ret, Error **err);

/* Makes the version the default one and deletes Ghost's old ones, except the newest five, and those that a
 * group or an instance uses. What cannot be deleted is only told. */
bool group_template_tidy(
        Ec2Work *work, const Ec2App *app, const char *group, const GroupTemplate *current, Error **err);
