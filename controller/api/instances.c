/* /instances: what runs, and which release of what on it. Known by our id or by EC2's. */
#include "api/collection_answer.h"
#include "api/resources.h"
#include "http/router.h"

static const CollectionView view = { .name = { "instances", "instance" },
                                     .collection = COLLECTION_INSTANCES };

static bool list(const Request *request, Response *response, Services *services, Error **err) {
        return collection_answer_list(&view, request, response, services, err);
}

static bool find_by_name(Services *services, const char *name, Document **ret, Error **err) {
        CLEANUP(document_free) Document *where = document_object();
        CLEANUP(list_result_clear) ListResult result = { 0 };
        const ListQuery query = { .where = where, .page = 1, .max_results = 1 };

        document_set_string(where, "instance_id", name);
        if (!collection_list(services->store, COLLECTION_INSTANCES, &query, &result, err))
                return false;
        if (document_count(result.items) == 0)
                return error_set(err, ERROR_NOT_FOUND, "no instance '%s'", name);
        *ret = document_copy(document_at(result.items, 0));
        return true;
}

static bool show(const Request *request, Response *response, Services *services, Error **err) {
        const char *name = request_param(request, "instance");
        Document *instance = NULL;

        bool found = router_is_id(name)
                             ? collection_get(services->store, COLLECTION_INSTANCES, name, &instance, err)
                             : find_by_name(services, name, &instance, err);
        return found && collection_answer_document(&view, request, response, services, instance, err);
}

static const Route routes[] = {
        { "GET", "/instances", RIGHT_READ, list, 0, NULL },
        { "GET", "/instances/{instance}", RIGHT_READ, show, 0, NULL },
};

const Resource instances_resource = RESOURCE("instances", routes);
