#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "haproxy/haproxy_api.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        CLEANUP(haproxy_servers_clear) HaproxyServers runtime = { 0 }, hapi = { 0 };
        CLEANUP(error_free) Error *first = NULL, *second = NULL;
        char *text = malloc(size + 1);

        if (!text)
                return 0;
        for (size_t i = 0; i < size; i++)
                text[i] = (char) data[i];
        text[size] = '\0';
        if (!haproxy_runtime_read(text, size, &runtime, &first) && !first)
                abort();
        if (!haproxy_hapi_read(text, size, &hapi, &second) && !second)
                abort();
        free(text);
        return 0;
}
