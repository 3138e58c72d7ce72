/* Instance identity documents: what AWS itself says of the instance that shows one. Source of the fields and
 * of the way to check them: EC2 user guide, "Instance identity documents". */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct InstanceIdentity {
        char *account_id, *region, *instance_id, *image_id, *private_ip;
        int64_t pending_us; /* when it was started: another time at every start */
} InstanceIdentity;
void instance_identity_clear(InstanceIdentity *identity);
static inline void instance_identity_clearp(InstanceIdentity *identity) {
        instance_identity_clear(identity);
}

/* The certificate that AWS signs with in that region; NULL: none is known. */
const char *instance_identity_certificate(const char *region);

/* region: where the instance is known to be, which the document has to say too. certificate_pem: of that
 * region. FORBIDDEN: not AWS's, or another region's. */
bool instance_identity_open(
        const void *base64, size_t length, const char *region, const char *certificate_pem,
        InstanceIdentity *ret, Error **err);
