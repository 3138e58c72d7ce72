/* Admission: whether an instance that shows its application's shared token may join.
 *
 * The token stands in a launch template and the identity document may have been read by anybody on that
 * instance, so neither is enough: AWS is asked whether the instance is there now, of this application, in its
 * group, and as the document says. Asking takes a while and is done by a thread of its own; whoever asks
 * comes again for the verdict. Thread-safe. */
#pragma once

#include "agents/instance_identity.h"
#include "aws/aws.h"
#include "store/store.h"
#include "json/document.h"

typedef struct AdmissionSpec {
        Store *store;
        Aws *aws;
        const char *certificate_pem; /* replaces AWS's own for every region; NULL: those */
        int64_t window_ms;           /* an instance joins within that time from its launch */
} AdmissionSpec;                     /* what it points to outlives the admission */

typedef struct Admission Admission;

Admission *admission_start(const AdmissionSpec *spec, Error **err);
void admission_stop(Admission *admission);
CLEANUP_DEFINE(Admission, admission_stop);

typedef struct AdmissionRequest {
        const char *app_id;      /* of the token */
        const char *instance_id; /* as the agent says; the document has to say the same */
        const void *document;    /* base64; length 0: it has none */
        size_t document_length;
} AdmissionRequest;

/* Does not wait. True: it may join, with what AWS says of it. UNAVAILABLE: not known yet, ask again.
 * FORBIDDEN: no, and why. */
bool admission_ask(Admission *admission, const AdmissionRequest *request, InstanceIdentity *ret, Error **err);
/* For who has a token of its own: a document that AWS signed must be of that instance. One that cannot be
 * checked counts for nothing. */
bool admission_compare(Admission *admission, const AdmissionRequest *request, Error **err);
/* Instances that wait because AWS refused to be asked about them, or did not answer, as
 * app_troubles_describe() tells it. Any thread. */
Document *admission_describe_troubles(Admission *admission);
