/* /plans: what a job would do, without being one. */
#include <stdlib.h>
#include <string.h>

#include "api/body.h"
#include "api/catalog_answer.h"
#include "api/envelope.h"
#include "api/job_input.h"
#include "api/resources.h"
#include "api/route_doc.h"
#include "base/memory.h"
#include "catalog/comparisons.h"
#include "jobs/plan.h"
#include "model/job_request.h"

/* ---- what repositories say ---- */

static bool take_comparison(JobPlan *plan, size_t module, const char *json, Error **err) {
        CLEANUP(document_free) Document *comparison = document_parse(json, strlen(json), err);

        if (comparison)
                job_plan_compare(plan, module, comparison);
        return comparison != NULL;
}

/* *ret_topic: of one that has not answered yet. The plan comes without what cannot be had. */
static bool look(Services *services, JobPlan *plan, size_t module, char **ret_topic, Error **err) {
        CLEANUP(catalog_answer_clear) CatalogAnswer answer = { 0 };
        const PlanModule *of = &plan->modules[module];
        const ComparisonsQuestion question = { .url = of->url,
                                               .revision = of->revision,
                                               .from = of->from_commit };

        switch (comparisons_look(services->comparisons, &question, &answer)) {
        case CATALOG_READY:
                return take_comparison(plan, module, answer.json, err);
        case CATALOG_FAILED:
                job_plan_say(plan, module, answer.message);
                return true;
        case CATALOG_ASKING:
                job_plan_say(plan, module, "the repository has not answered yet; ask again");
                free(*ret_topic);
                *ret_topic = TAKE(answer.topic);
                return true;
        case CATALOG_BUSY:
                job_plan_say(plan, module, "too many repositories are being asked already; ask again");
                return true;
        }
        return true;
}

/* All of them are asked at once. */
static bool look_at_all(Services *services, JobPlan *plan, char **ret_topic, Error **err) {
        for (size_t i = 0; i < plan->module_count; i++)
                if (services->comparisons && plan->modules[i].has_commits &&
                    !look(services, plan, i, ret_topic, err))
                        return false;
        return true;
}

static bool answer(
        const Request *request, Response *response, Services *services, const JobInput *input, Error **err) {
        CLEANUP(job_plan_clear) JobPlan plan = { 0 };
        CLEANUP(free) char *topic = NULL;

        if (!job_plan_make(services->store, input->job, input->app, &plan, err) ||
            !look_at_all(services, &plan, &topic, err))
                return false;
        if (topic && catalog_answer_wait(request, response, topic))
                return true;
        response_json(response, 200, job_plan_text(&plan));
        return true;
}

static bool create(const Request *request, Response *response, Services *services, Error **err) {
        CLEANUP(document_free) Document *body = body_read(request, response);
        CLEANUP(job_input_clear) JobInput input = { 0 };

        if (!body)
                return true;
        if (!job_input_read(services, body, &input, err))
                return false;
        if (!input.issues)
                return answer(request, response, services, &input, err);
        envelope_issues(request, response, TAKE(input.issues));
        return true;
}

/* ---- the route ---- */

static const SchemaField commit_fields[] = {
        { "id", SCHEMA_STRING, SCHEMA_REQUIRED },
        { "subject", SCHEMA_STRING, SCHEMA_REQUIRED },
        { "author", SCHEMA_STRING, SCHEMA_REQUIRED },
        { "date", SCHEMA_STRING, SCHEMA_REQUIRED },
};
static const Schema commit_schema = SCHEMA(commit_fields);

static const SchemaField from_fields[] = {
        { "revision", SCHEMA_STRING, SCHEMA_REQUIRED },
        { "commit", SCHEMA_STRING, SCHEMA_REQUIRED },
};
static const Schema from_schema = SCHEMA(from_fields);

static const SchemaField file_fields[] = {
        { "path", SCHEMA_STRING, SCHEMA_REQUIRED },
        { "change", SCHEMA_STRING, SCHEMA_REQUIRED },
};
static const Schema file_schema = SCHEMA(file_fields);

static const SchemaField module_fields[] = {
        { "name", SCHEMA_STRING, SCHEMA_REQUIRED },
        { "revision", SCHEMA_STRING, SCHEMA_REQUIRED },
        { "commit", SCHEMA_OBJECT, SCHEMA_MAY_BE_NULL, .schema = &commit_schema },
        { "from", SCHEMA_OBJECT, SCHEMA_MAY_BE_NULL, .schema = &from_schema },
        { "commits", SCHEMA_LIST, SCHEMA_REQUIRED, .schema = &commit_schema },
        { "commits_total", SCHEMA_INT, SCHEMA_REQUIRED },
        { "files", SCHEMA_LIST, SCHEMA_REQUIRED, .schema = &file_schema },
        { "files_total", SCHEMA_INT, SCHEMA_REQUIRED },
        { "message", SCHEMA_STRING, SCHEMA_REQUIRED },
};
static const Schema module_schema = SCHEMA(module_fields);

static const SchemaField instance_fields[] = {
        { "instance_id", SCHEMA_STRING, SCHEMA_REQUIRED },
        { "agent", SCHEMA_STRING, SCHEMA_REQUIRED },
};
static const Schema instance_schema = SCHEMA(instance_fields);

static const SchemaField strategy_fields[] = {
        { "execution", SCHEMA_STRING }, { "safe", SCHEMA_STRING },     { "min_healthy", SCHEMA_STRING },
        { "max_failures", SCHEMA_INT }, { "rollback", SCHEMA_STRING }, { "deadline", SCHEMA_INT },
        { "user", SCHEMA_STRING },      { "approve", SCHEMA_STRING },
};
static const Schema strategy_schema = SCHEMA(strategy_fields);

static const SchemaField capacity_fields[] = {
        { "total", SCHEMA_INT, SCHEMA_REQUIRED },
        { "min_in_service", SCHEMA_INT, SCHEMA_REQUIRED },
};
static const Schema capacity_schema = SCHEMA(capacity_fields);

static const SchemaField fields[] = {
        { "command", SCHEMA_STRING, SCHEMA_REQUIRED },
        { "app_id", SCHEMA_ID, SCHEMA_REQUIRED },
        { "modules", SCHEMA_LIST, SCHEMA_REQUIRED, .schema = &module_schema },
        { "instances", SCHEMA_LIST, SCHEMA_REQUIRED, .schema = &instance_schema },
        { "batches", SCHEMA_LIST, SCHEMA_REQUIRED | SCHEMA_OF_LISTS },
        { "strategy", SCHEMA_OBJECT, SCHEMA_REQUIRED, .schema = &strategy_schema },
        { "capacity", SCHEMA_OBJECT, SCHEMA_REQUIRED, .schema = &capacity_schema },
        { "warnings", SCHEMA_LIST, SCHEMA_REQUIRED },
};
static const Schema schema = SCHEMA(fields);

static const Route routes[] = {
        { "POST", "/plans", RIGHT_OPERATE, create, 0,
          &(const RouteDoc){
                  .operation = "plan_job",
                  .summary = "Says what a job would do, without doing it",
                  .description =
                          "The body is a job's, and is refused as a job is. Nothing is written and AWS is "
                          "not asked: instances and batches are those of what the controller knows. Commits "
                          "and files (100 and 300 at most) lie between the last deployment of a module and "
                          "what is asked for; a module whose repository does not answer says so in its "
                          "message. min_in_service is how many instances nothing is done on at a time.",
                  .kind = ANSWER_DOCUMENT,
                  .body = &job_request_schema,
                  .answer = &schema } },
};

const Resource plans_resource = RESOURCE("plans", routes);
