/* /aws/…: what there is in AWS to choose from when an application is written. For operators: only they write
 * applications, and every look spends calls of the account. */
#include <stdlib.h>
#include <string.h>

#include "api/aws_schemas.h"
#include "api/catalog_answer.h"
#include "api/resources.h"
#include "api/route_doc.h"
#include "api/services.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "catalog/catalog.h"
#include "http/router.h"
#include "store/collection.h"

/* ---- the question ---- */

static const char *given(const Request *request, const char *name) {
        const char *value = request_query(request, name);

        return value ? value : "";
}

/* An application's account and role both or neither, as when it is deployed. */
static void ask_for_app(const Document *app, CatalogQuestion *question) {
        const char *account_id = document_get_string(app, "assumed_account_id");
        const char *role_name = document_get_string(app, "assumed_role_name");

        question->region = document_get_string(app, "region");
        if (!*account_id || !*role_name)
                return;
        question->account_id = account_id;
        question->role_name = role_name;
        question->external_id = document_get_string(app, "assumed_external_id");
        question->role_region = document_get_string(app, "assumed_region_name");
}

/* *ret_app owns what the question borrows of it; the rest is the request's. */
static bool read_question(
        const Request *request, Services *services, CatalogQuestion *ret, Document **ret_app, Error **err) {
        const char *app_id = request_query(request, "app_id");
        CLEANUP(error_free) Error *why = NULL;

        ret->vpc_id = given(request, "vpc_id");
        ret->owner = given(request, "owner");
        ret->name = given(request, "name");
        ret->architecture = given(request, "architecture");
        if (!app_id) {
                ret->region = given(request, "region");
                ret->account_id = given(request, "assumed_account_id");
                ret->role_name = given(request, "assumed_role_name");
                ret->external_id = given(request, "assumed_external_id");
                ret->role_region = given(request, "assumed_region_name");
                return catalog_question_check(ret, err);
        }
        if (!router_is_id(app_id))
                return error_set(err, ERROR_INVALID, "app_id: '%.40s' is no id of an application", app_id);
        if (!collection_get(services->store, COLLECTION_APPS, app_id, ret_app, &why))
                return error_set(
                        err, error_kind(why) == ERROR_NOT_FOUND ? ERROR_INVALID : error_kind(why),
                        "app_id: %s", error_message(why));
        ask_for_app(*ret_app, ret);
        return catalog_question_check(ret, err);
}

/* ---- the answer ---- */

static bool choices(
        const Request *request, Response *response, Services *services, CatalogList list, Error **err) {
        CLEANUP(catalog_answer_clear) CatalogAnswer answer = { 0 };
        CLEANUP(document_free) Document *app = NULL;
        CatalogQuestion question = { .list = list };

        if (!services->catalog)
                return error_set(err, ERROR_UNAVAILABLE, "this controller asks AWS nothing");
        if (!read_question(request, services, &question, &app, err))
                return false;
        CatalogState state = catalog_look(services->catalog, &question, &answer);
        const CatalogAsked asked = { .who = "AWS", .as_role = !text_empty(question.account_id) };
        catalog_answer_give(request, response, &asked, state, &answer);
        return true;
}

/* ---- routes ---- */

#define WHERE                                                                                                \
        { "app_id", "The application whose region and role are used; the fields below do not count then",    \
          SCHEMA_STRING },                                                                                   \
                { "region", "Else the controller's own", SCHEMA_STRING },                                    \
                { "assumed_account_id", "Account whose role is assumed", SCHEMA_STRING },                    \
                { "assumed_role_name", "Goes with assumed_account_id", SCHEMA_STRING },                      \
                { "assumed_external_id", "What the role asks for, if it does", SCHEMA_STRING }, {            \
                "assumed_region_name", "Region whose STS is asked; else the same", SCHEMA_STRING             \
        }
#define IN_VPC                                                                                               \
        { "vpc_id", "Only what belongs to that network", SCHEMA_STRING }

#define DESCRIPTION                                                                                          \
        "What AWS says is kept for a minute. 403 and 502 have AWS's own words; aws_class sorts them: "       \
        "permission, credentials, throttled, transient, not_found, caller and so on."

#define CHOICES(function, list)                                                                              \
        static bool function(const Request *request, Response *response, Services *services, Error **err) {  \
                return choices(request, response, services, list, err);                                      \
        }
CHOICES(regions, CATALOG_REGIONS)
CHOICES(vpcs, CATALOG_VPCS)
CHOICES(subnets, CATALOG_SUBNETS)
CHOICES(security_groups, CATALOG_SECURITY_GROUPS)
CHOICES(key_pairs, CATALOG_KEY_PAIRS)
CHOICES(instance_types, CATALOG_INSTANCE_TYPES)
CHOICES(instance_profiles, CATALOG_INSTANCE_PROFILES)
CHOICES(images, CATALOG_IMAGES)
CHOICES(autoscaling_groups, CATALOG_AUTOSCALING_GROUPS)
CHOICES(load_balancers, CATALOG_LOAD_BALANCERS)
CHOICES(target_groups, CATALOG_TARGET_GROUPS)

#define ROUTE(path, handler, name, what, schema_, ...)                                                       \
        {                                                                                                    \
                "GET", "/aws/" path, RIGHT_OPERATE, handler, 0, &(const RouteDoc) {                          \
                        .operation = "list_aws_" name,                                                       \
                        .summary = "Lists the " what " to choose from in AWS", .description = DESCRIPTION,   \
                        .kind = ANSWER_DOCUMENT, .answer = &(schema_), .statuses = { 422, 502, 504 },        \
                        .parameters = {                                                                      \
                                WHERE,                                                                       \
                                __VA_ARGS__                                                                  \
                        }                                                                                    \
                }                                                                                            \
        }

static const Route routes[] = {
        ROUTE("regions", regions, "regions", "regions", aws_regions_schema, { 0 }),
        ROUTE("vpcs", vpcs, "vpcs", "networks", aws_vpcs_schema, { 0 }),
        ROUTE("subnets", subnets, "subnets", "subnets", aws_subnets_schema, IN_VPC),
        ROUTE("security-groups", security_groups, "security_groups", "security groups",
              aws_security_groups_schema, IN_VPC),
        ROUTE("key-pairs", key_pairs, "key_pairs", "key pairs", aws_key_pairs_schema, { 0 }),
        ROUTE("instance-types", instance_types, "instance_types", "instance types", aws_instance_types_schema,
              { 0 }),
        ROUTE("instance-profiles", instance_profiles, "instance_profiles", "instance profiles",
              aws_instance_profiles_schema, { 0 }),
        ROUTE("images", images, "images", "images", aws_images_schema,
              { "owner", "self, amazon or the number of an account; else self", SCHEMA_STRING },
              { "name", "Pattern with * and ?; needed with an owner that is not self", SCHEMA_STRING },
              { "architecture", "x86_64 or arm64", SCHEMA_STRING }),
        ROUTE("autoscaling-groups", autoscaling_groups, "autoscaling_groups", "Auto Scaling groups",
              aws_autoscaling_groups_schema, { 0 }),
        ROUTE("load-balancers", load_balancers, "load_balancers", "load balancers, of both kinds,",
              aws_load_balancers_schema, IN_VPC),
        ROUTE("target-groups", target_groups, "target_groups", "target groups", aws_target_groups_schema,
              IN_VPC),
};

const Resource aws_choices_resource = RESOURCE("aws", routes);
