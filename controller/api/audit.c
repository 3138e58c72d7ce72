#include "api/audit.h"

#include "store/user_store.h"

bool audit_note(
        Services *services, const Request *request, const char *action, const char *object,
        const char *detail, Error **err) {
        return audit_store_add(services->store, request_user(request), action, object, detail, err);
}
