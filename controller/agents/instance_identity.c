#include "agents/instance_identity.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/signed_document.h"
#include "base/text.h"
#include "json/document.h"

typedef struct RegionCertificate {
        const char *region, *pem;
} RegionCertificate;

#include "region_certificates.h"

void instance_identity_clear(InstanceIdentity *identity) {
        free(identity->account_id);
        free(identity->region);
        free(identity->instance_id);
        free(identity->image_id);
        free(identity->private_ip);
        *identity = (InstanceIdentity){ 0 };
}

const char *instance_identity_certificate(const char *region) {
        for (size_t i = 0; i < sizeof(region_certificates) / sizeof(region_certificates[0]); i++)
                if (text_equal(region_certificates[i].region, region))
                        return region_certificates[i].pem;
        return NULL;
}

static bool take(const Document *document, const char *name, char **ret, Error **err) {
        const char *value = document_get_string(document, name);

        *ret = xstrdup(value);
        return *value || error_set(err, ERROR_INVALID, "the identity document says no %s", name);
}

static bool read_fields(const Document *document, InstanceIdentity *ret, Error **err) {
        if (!take(document, "accountId", &ret->account_id, err) ||
            !take(document, "region", &ret->region, err) ||
            !take(document, "instanceId", &ret->instance_id, err) ||
            !take(document, "imageId", &ret->image_id, err) ||
            !take(document, "privateIp", &ret->private_ip, err))
                return false;
        return clock_parse_iso(document_get_string(document, "pendingTime"), &ret->pending_us) ||
               error_set(err, ERROR_INVALID, "the identity document says no pendingTime");
}

bool instance_identity_open(
        const void *base64, size_t length, const char *region, const char *certificate_pem,
        InstanceIdentity *ret, Error **err) {
        CLEANUP(instance_identity_clear) InstanceIdentity identity = { 0 };
        CLEANUP(document_free) Document *document = NULL;
        CLEANUP(free) char *content = NULL;
        size_t content_length = 0;

        if (!signed_document_open(base64, length, certificate_pem, &content, &content_length, err))
                return error_prefix(err, "identity document");
        document = document_parse(content, content_length, err);
        if (!document)
                return error_prefix(err, "identity document");
        if (!read_fields(document, &identity, err))
                return false;
        if (!text_equal(identity.region, region))
                return error_set(
                        err, ERROR_FORBIDDEN, "the identity document is of region %s, not of %s",
                        identity.region, region);
        *ret = identity;
        identity = (InstanceIdentity){ 0 };
        return true;
}
