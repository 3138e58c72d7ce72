#include "api/transaction.h"

bool transaction_run(
        const Request *request, Response *response, Services *services,
        bool (*inside)(const Request *request, Response *response, Services *services, Error **err),
        Error **err) {
        if (!store_begin(services->store, err))
                return false;
        if (!inside(request, response, services, err)) {
                store_roll_back(services->store);
                return false;
        }
        return store_commit(services->store, err);
}
