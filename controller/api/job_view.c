#include "api/job_view.h"

bool job_view_show(
        Services *services, const Document *stored, const Document *embedded, Document **ret, Error **err) {
        (void) services, (void) embedded, (void) err;
        *ret = document_copy(stored);
        document_remove(*ret, "started_us");
        document_remove(*ret, "resumes");
        if (!document_get_member(*ret, "approval"))
                document_set(*ret, "approval", document_null());
        if (!document_get_member(*ret, "progress"))
                document_set(*ret, "progress", document_null());
        return true;
}
