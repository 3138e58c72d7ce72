#include "janitor/failed_jobs.h"

#include "aws/ec2.h"
#include "base/log.h"
#include "base/memory.h"
#include "store/collection.h"
#include "store/instance_store.h"

/* *ret false also of a job that nobody knows any more: then nothing is known. */
static bool has_failed(const FailedJobs *look, const char *job_id, bool *ret, Error **err) {
        static const char *const ends[] = { "failed", "aborted", "cancelled" };
        CLEANUP(document_free) Document *job = NULL;
        CLEANUP(error_free) Error *why = NULL;

        *ret = false;
        if (text_empty(job_id))
                return true;
        if (!collection_get(look->store, COLLECTION_JOBS, job_id, &job, &why)) {
                if (error_kind(why) == ERROR_NOT_FOUND)
                        return true;
                *err = TAKE(why);
                return false;
        }
        for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
                *ret = *ret || text_equal(document_get_string(job, "status"), ends[i]);
        return true;
}

static bool may_serve(const FailedJobs *look, const char *id, bool *ret, Error **err) {
        CLEANUP(document_free) Document *instance = NULL;

        if (!instance_store_find(look->store, id, &instance, err))
                return false;
        *ret = instance && document_get_bool(instance, "bootstrapped");
        return true;
}

static bool end(FailedJobs *look, const Ec2Instance *instance, Error **err) {
        CLEANUP(string_list_clear) StringList one = { 0 };

        string_list_add(&one, instance->id);
        if (!ec2_terminate_instances(look->session, &one, err))
                return false;
        look->removed++;
        log_warn(
                "janitor: instance %s is ended: job %s, which launched it, has failed", instance->id,
                ec2_tags_value(&instance->tags, "ghost:job"));
        return true;
}

static bool judge(FailedJobs *look, const Ec2Instance *instance, Error **err) {
        bool failed = false, serves = false;

        if (!has_failed(look, ec2_tags_value(&instance->tags, "ghost:job"), &failed, err) ||
            !may_serve(look, instance->id, &serves, err))
                return false;
        if (!failed || serves)
                return true;
        if (string_list_contains(look->suspects, instance->id) && end(look, instance, err))
                return true;
        look->left++;
        string_list_add(look->ret_suspects, instance->id);
        return !*err;
}

bool failed_jobs_sweep(FailedJobs *look, Error **err) {
        CLEANUP(ec2_filters_clear) Ec2Filters filters = { 0 };
        CLEANUP(ec2_instances_clear) Ec2Instances found = { 0 };

        ec2_filters_add_tag(&filters, "ghost:purpose", "instance");
        ec2_filters_add_living(&filters);
        if (!ec2_describe_instances(look->session, &filters, &found, err))
                return false;
        for (size_t i = 0; i < found.count; i++) {
                CLEANUP(error_free) Error *why = NULL;

                if (!judge(look, &found.items[i], &why) && !*err)
                        *err = TAKE(why);
        }
        return !*err;
}
