#include "jobs/steps/group_processes.h"

#include <stdlib.h>

#include "base/memory.h"

#define STEP_GROUP "processes.group"         /* whose */
#define STEP_SUSPENDED "processes.suspended" /* by this job; empty: none, or resumed */

static void join(const StringList *processes, Text *ret) {
        for (size_t i = 0; i < processes->count; i++)
                text_appendf(ret, "%s%s", i > 0 ? ", " : "", processes->items[i]);
}

static void choose(
        Ec2Work *work, const AutoScalingGroup *group, const char *const *processes, StringList *ret) {
        for (size_t i = 0; processes[i]; i++)
                if (string_list_contains(&group->suspended_processes, processes[i]))
                        work_log(
                                work, "INFO: %s process is already suspended in %s", processes[i],
                                group->name);
                else
                        string_list_add(ret, processes[i]);
}

bool group_processes_suspend(
        Ec2Work *work, const AutoScalingGroup *group, const char *const *processes, Error **err) {
        CLEANUP(string_list_clear) StringList chosen = { 0 };
        CLEANUP(text_clear) Text names = { 0 };
        bool known = false;

        if (!work_recall_list(work, STEP_SUSPENDED, &chosen, &known, err))
                return false;
        if (chosen.count == 0)
                choose(work, group, processes, &chosen);
        if (chosen.count == 0)
                return true;
        join(&chosen, &names);
        work_log(work, "Suspending %s of Auto Scaling group %s", names.data, group->name);
        return work->remember(work->context, STEP_GROUP, group->name, err) &&
               work_remember_list(work, STEP_SUSPENDED, &chosen, err) &&
               asg_suspend_processes(work->session, group->name, &chosen, err);
}

bool group_processes_hold(Ec2Work *work, const AutoScalingGroup *group, Error **err) {
        static const char *const held[] = { "Launch",           "Terminate",       "HealthCheck",
                                            "ReplaceUnhealthy", "AZRebalance",     "AlarmNotification",
                                            "ScheduledActions", "InstanceRefresh", NULL };

        return group_processes_suspend(work, group, held, err);
}

static bool resume(Ec2Work *work, Text *names, char **group, Error **err) {
        CLEANUP(string_list_clear) StringList suspended = { 0 };
        AwsSession session = work_last_session(work);
        bool known = false;

        if (!work_recall_list(work, STEP_SUSPENDED, &suspended, &known, err))
                return false;
        if (suspended.count == 0)
                return true;
        join(&suspended, names);
        if (!work->recall(work->context, STEP_GROUP, group, err))
                return false;
        if (text_empty(*group))
                return error_set(err, ERROR_INTERNAL, "the name of the group is not known");
        if (!asg_resume_processes(&session, *group, &suspended, err))
                return false;
        work_log(work, "Resumed %s of Auto Scaling group %s", names->data, *group);
        return work->remember(work->context, STEP_SUSPENDED, "", err);
}

void group_processes_resume(Ec2Work *work) {
        CLEANUP(text_clear) Text names = { 0 };
        CLEANUP(free) char *group = NULL;
        CLEANUP(error_free) Error *error = NULL;
        CLEANUP(error_free) Error *ignored = NULL; /* it stands in the log */

        if (work_interrupted(work))
                return;
        bool resumed = resume(work, &names, &group, &error);
        CLEANUP(free)
        char *left = resumed ? xstrdup("")
                             : xasprintf(
                                       "%s of Auto Scaling group %s could not be resumed: %s; please resume "
                                       "them yourself, or nothing scales",
                                       names.data ? names.data : "The processes",
                                       group ? group : "of the job", error_message(error));
        if (!resumed)
                work_log(work, "%s", left);
        if (!resumed || names.data)
                (void) work->remember(work->context, WORK_STEP_FOR_PEOPLE, left, &ignored);
}
