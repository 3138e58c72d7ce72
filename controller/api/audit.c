#include "api/audit.h"

#include "store/audit_store.h"

bool audit_note(Services *services, const Request *request, const AuditNote *note, Error **err) {
        const AuditEntry entry = {
                .user = request_user(request),
                .via = request->account.via,
                .address = request->peer,
                .request = request->id,
                .action = note->action,
                .target = note->object,
                .before = note->before,
                .after = note->after,
        };

        return audit_store_add(services->store, &entry, err);
}
