#include "api/bulk.h"

#include "api/body.h"
#include "base/memory.h"

typedef struct Bulk {
        const Request *request;
        Services *services;
        const ResourceName *name;
        BulkCreate create;
        Document *receipts; /* one for each element, good or bad */
        size_t failures;
        int status; /* of the first failure */
} Bulk;

static void add_failure(Bulk *bulk, int status, Document *receipt) {
        document_set_string(receipt, "_status", "ERR");
        document_append(bulk->receipts, receipt);
        if (bulk->failures++ == 0)
                bulk->status = status;
}

static void add_refusal(Bulk *bulk, const Error *why) {
        Document *receipt = document_object(), *error = document_object();
        int status = response_status_for(error_kind(why));

        document_set_int(error, "code", status);
        document_set_string(error, "message", error_message(why));
        document_set(receipt, "_error", error);
        add_failure(bulk, status, receipt);
}

/* What the element's sender did wrong goes into its receipt; what is our trouble ends it all. */
static bool create_element(Bulk *bulk, const Document *element, Error **err) {
        CLEANUP(error_free) Error *why = NULL;
        BulkResult result = { 0 };

        if (!bulk->create(bulk->request, bulk->services, element, &result, &why)) {
                if (response_status_for(error_kind(why)) >= 500)
                        return error_set(err, error_kind(why), "%s", error_message(why));
                add_refusal(bulk, why);
        } else if (result.issues) {
                Document *receipt = document_object();

                document_set(receipt, "_issues", result.issues);
                add_failure(bulk, 422, receipt);
        } else {
                document_append(bulk->receipts, envelope_receipt(bulk->name, result.stored));
        }
        document_free(result.stored);
        return true;
}

static bool create_list(Bulk *bulk, const Document *body, Error **err) {
        for (size_t i = 0; i < document_count(body); i++) {
                CLEANUP(error_free) Error *why = NULL;
                const Document *element = document_at(body, i);

                if (!document_is_object(element)) {
                        (void) error_set(&why, ERROR_INVALID, "Each element must be one JSON object");
                        add_refusal(bulk, why);
                } else if (!create_element(bulk, element, err)) {
                        return false;
                }
        }
        return true;
}

static void answer_list(const Bulk *bulk, Response *response) {
        Document *envelope = document_object();

        document_set_string(envelope, "_status", bulk->failures ? "ERR" : "OK");
        document_set(envelope, "_items", document_copy(bulk->receipts));
        if (bulk->failures) {
                Document *error = document_object();
                CLEANUP(free)
                char *message =
                        xasprintf("Insertion failure: %zu document(s) contain(s) error(s)", bulk->failures);

                document_set_int(error, "code", bulk->status);
                document_set_string(error, "message", message);
                document_set(envelope, "_error", error);
        }
        envelope_plain(response, envelope);
        response->status = bulk->failures ? bulk->status : 201;
}

static bool create_one(Bulk *bulk, const Document *body, Response *response, Error **err) {
        BulkResult result = { 0 };

        if (!bulk->create(bulk->request, bulk->services, body, &result, err))
                return false;
        if (result.issues) {
                envelope_issues(bulk->request, response, result.issues);
                bulk->failures = 1;
        } else {
                envelope_written(bulk->request, response, bulk->name, 201, result.stored);
        }
        document_free(result.stored);
        return true;
}

static bool create_inside(Bulk *bulk, const Document *body, Response *response, Error **err) {
        if (!document_is_array(body))
                return create_one(bulk, body, response, err);
        if (!create_list(bulk, body, err))
                return false;
        answer_list(bulk, response);
        return true;
}

/* NOLINTNEXTLINE(readability-function-size): as declared in the header */
bool bulk_create(
        const Request *request, Response *response, Services *services, const ResourceName *name,
        BulkCreate create, bool *ret_created, Error **err) {
        CLEANUP(document_free) Document *body = body_read_any(request, response);
        CLEANUP(document_free) Document *receipts = document_array();
        Bulk bulk = {
                .request = request, .services = services, .name = name, .create = create, .receipts = receipts
        };

        *ret_created = false;
        if (!body)
                return true;
        if (document_is_array(body) && document_count(body) == 0) {
                response_fail(response, 400, "Empty bulk insert");
                return true;
        }
        if (document_count(body) > BULK_MAX && document_is_array(body)) {
                response_fail(response, 413, "At most %d documents at a time", BULK_MAX);
                return true;
        }
        if (!store_begin(services->store, err))
                return false;
        bool answered = create_inside(&bulk, body, response, err);
        if (!answered || bulk.failures) {
                store_roll_back(services->store);
                return answered;
        }
        *ret_created = store_commit(services->store, err);
        return *ret_created;
}
