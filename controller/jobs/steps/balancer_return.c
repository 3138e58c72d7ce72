#include "jobs/steps/balancer_return.h"

void balancer_return_all(Ec2Work *work, const BalancerReturn *what) {
        CLEANUP(string_list_clear) StringList names = { 0 };
        CLEANUP(error_free) Error *error = NULL;
        AwsSession *jobs_own = work->session, session = work_last_session(work);
        bool known = false;

        work->session = &session;
        bool good = work_recall_list(work, what->names, &names, &known, &error);
        for (size_t i = 0; good && i < names.count; i++)
                good = what->put_back(what->context, names.items[i], &error);
        if (!good)
                work_log(work, "%s: %s; %s", what->left, error_message(error), what->remedy);
        work->session = jobs_own;
}
