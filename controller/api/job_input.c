#include "api/job_input.h"

#include "api/app_reference.h"
#include "base/memory.h"
#include "model/command.h"
#include "model/job_request.h"

void job_input_clear(JobInput *input) {
        document_free(input->job);
        document_free(input->app);
        document_free(input->issues);
        *input = (JobInput){ 0 };
}

bool job_input_read(Services *services, const Document *element, JobInput *ret, Error **err) {
        CLEANUP(document_free) Document *tidy = job_request_tidy_input(element);
        CLEANUP(document_free)
        Document *job = schema_apply(&job_request_schema, SCHEMA_INSERT, tidy, &ret->issues);

        if (!job)
                return true;
        if (!app_reference_find(services, job, &ret->app, &ret->issues, err))
                return false;
        if (!ret->app)
                return true;
        if (!command_info_allowed(document_get_string(job, "command"), &services->commands, err) ||
            !job_request_check(job, ret->app, err))
                return false;
        document_remove(job, "_id");
        ret->job = TAKE(job);
        return true;
}
