/* /deployments: which revision of which module was deployed when. Written by jobs alone. */
#include "api/collection_answer.h"
#include "api/resources.h"

static const CollectionView view = {
        .name = { "deployments", "deployment" },
        .collection = COLLECTION_DEPLOYMENTS,
        .relations = { { "app_id", COLLECTION_APPS }, { "job_id", COLLECTION_JOBS } },
};

static bool list(const Request *request, Response *response, Services *services, Error **err) {
        return collection_answer_list(&view, request, response, services, err);
}

static bool show(const Request *request, Response *response, Services *services, Error **err) {
        return collection_answer_item(&view, request, response, services, err);
}

static const Route routes[] = {
        { "GET", "/deployments", RIGHT_READ, list, 0, NULL },
        { "GET", "/deployments/{id}", RIGHT_READ, show, 0, NULL },
};

const Resource deployments_resource = RESOURCE("deployments", routes);
