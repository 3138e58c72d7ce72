#include "api/job_view.h"

bool job_view_show(
        Services *services, const Document *stored, const Document *embedded, Document **ret, Error **err) {
        (void) services, (void) embedded, (void) err;
        *ret = document_copy(stored);
        document_remove(*ret, "started_us");
        document_remove(*ret, "resumes");
        return true;
}
