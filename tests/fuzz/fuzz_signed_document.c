/* A signed document comes from whoever reaches the agent link. */
#include <stdint.h>
#include <stdlib.h>

#include "base/signed_document.h"

/* A pin that signed nothing here: what is opened all the same would be a forgery. */
static const char pin[] = "-----BEGIN CERTIFICATE-----\n"
                          "MIIC/zCCAeegAwIBAgIUT6hWFVOJ3TRFqBxFGf7yp3nNZdcwDQYJKoZIhvcNAQEL\n"
                          "BQAwDzENMAsGA1UECgwEZnV6ejAeFw0yNjExMjgwNTI4MDhaFw0zNjExMjUwNTI4\n"
                          "MDhaMA8xDTALBgNVBAoMBGZ1enowggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEK\n"
                          "AoIBAQC0+JUY2SqY19B4pIG4K9mcZxxXPplLlFFLUO7RCgoJ6bLJPcVYgHQf5tfM\n"
                          "luEhE/msHA3h0stU4a1kDRmJtORQD/JS7hH8ObmHDRv7wGSWgbnjCbGsFnQtgSAO\n"
                          "c4XLqz17eq3yONz4Pxh3+xJdJuVg4btzo7NkNRDGCNUrTS2firk8wAihK9BjfhC+\n"
                          "GwNAigycrodX4zqLk7n6CfjZgJkEodVUlP/m9xlfwMyLTr3u7Oqg1nXfoFVHXCTY\n"
                          "/GrVIQ2gTsXU53VAbyCa5gtj+MDiJTlDvKY6elMhePfd2cbA4HA5RauIP0uqssSy\n"
                          "tprJnGSZaSHGs+BmXRtVRf0R9eObAgMBAAGjUzBRMB0GA1UdDgQWBBSJ8VEdzco3\n"
                          "epEZxHw63xjiDu2kSjAfBgNVHSMEGDAWgBSJ8VEdzco3epEZxHw63xjiDu2kSjAP\n"
                          "BgNVHRMBAf8EBTADAQH/MA0GCSqGSIb3DQEBCwUAA4IBAQCu+FgrlBVUUQFNyRTr\n"
                          "aE95WDbhGjxbZOwPR45Cfs4q4YkD2ssgA8ADttiyxeBg/LCjECQxcKKLIWHvDBIx\n"
                          "P/hU0kkOiP7rlR59C9JoVUjLtmzjfdLj0OFdOPO7enx50+bLQ0yjNMmYXajWqxFF\n"
                          "RYoVM7kWlbblQtLAWpvJOhthM620XgHXZ8dSBfcXtkeuPC1rq1lpIJyujhcMvjvu\n"
                          "y0F0JFKGvBXjaSjZPyaY08FqqhLNuL4h4SMk4Gw2k4Rl2IkXHfGEA5upAZtXLQzt\n"
                          "I3xFzuyUk8ohmep7H2T5gOkaanu2e7Jx1ZMPvHhAt6GLTIRSOLEo5BzK9itf5oxE\n"
                          "bIXw\n"
                          "-----END CERTIFICATE-----\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        Error *error = NULL;
        char *content = NULL;
        size_t length = 0;

        if (signed_document_open((const char *) data, size, pin, &content, &length, &error))
                abort();
        error_free(error);
        free(content);
        return 0;
}
