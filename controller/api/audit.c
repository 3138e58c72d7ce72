#include "api/audit.h"

#include "store/user_store.h"

bool audit_note(Services *services, const Request *request, const AuditNote *note, Error **err) {
        return audit_store_add(services->store, request_user(request), note->action, note->object, "", err);
}
