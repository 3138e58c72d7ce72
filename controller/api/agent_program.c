/* /agent/…: the agent's program, for machines whose image has none, and what proves it: its SHA-256, its
 * signature by the release key, that key's public half, and the authority of the agent link. Nothing of it is
 * secret, and who asks has no account yet. Whoever has the public key from elsewhere (the user data, a
 * colleague, the controller's own disk) believes the program whatever way it came. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "api/resources.h"
#include "api/route_doc.h"
#include "api/services.h"
#include "base/file.h"
#include "base/memory.h"
#include "http/response.h"

enum { PROGRAM_MAX_BYTES = 256 << 20 };

static const char no_program[] = "this controller hands out no agent; its setting agent.program names one";

static bool show(const Request *request, Response *response, Services *services, Error **err) {
        CLEANUP(file_close)
        int fd = services->agent_program ? open(services->agent_program, O_RDONLY | O_CLOEXEC) : -1;
        struct stat status;

        (void) request;
        if (fd < 0 || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
                return error_set(err, ERROR_NOT_FOUND, "%s", no_program);
        response->status = 200;
        response_header(response, "Content-Type", "application/octet-stream");
        response_header(response, "Cache-Control", "no-cache");
        response_file(response, fd, 0, (uint64_t) status.st_size);
        fd = -1;
        return true;
}

static bool read_program(const Services *services, char **ret, size_t *ret_length, Error **err) {
        CLEANUP(error_free) Error *problem = NULL;

        if (services->agent_program &&
            file_read(services->agent_program, PROGRAM_MAX_BYTES, ret, ret_length, &problem))
                return true;
        return error_set(err, ERROR_NOT_FOUND, "%s", no_program);
}

/* In the form of sha256sum, for `sha256sum -c`. */
static bool show_checksum(const Request *request, Response *response, Services *services, Error **err) {
        CLEANUP(free) char *program = NULL;
        size_t length = 0;

        (void) request;
        if (!read_program(services, &program, &length, err))
                return false;
        CLEANUP(free) char *sum = crypto_sha256_hex(program, length);
        CLEANUP(free) char *line = xasprintf("%s  ghost-agent\n", sum);
        response_text(response, 200, "text/plain", line);
        response_header(response, "Cache-Control", "no-cache");
        return true;
}

/* The same key signs orders and manifests, behind a word that says what they are. A program has no such word
 * in front, so only what cannot be one of them is signed. */
static bool is_program(const char *bytes, size_t length) {
        return length > 4 && memcmp(bytes, "\177ELF", 4) == 0;
}

/* The bare 64 bytes of Ed25519, for `openssl pkeyutl -verify -rawin`. */
static bool show_signature(const Request *request, Response *response, Services *services, Error **err) {
        uint8_t signature[ED25519_SIGNATURE_BYTES];
        CLEANUP(free) char *program = NULL;
        size_t length = 0;

        (void) request;
        if (!services->release_key)
                return error_set(err, ERROR_NOT_FOUND, "this controller has no release key");
        if (!read_program(services, &program, &length, err))
                return false;
        if (!is_program(program, length))
                return error_set(err, ERROR_CONFLICT, "agent.program is no Linux program; it is not signed");
        signing_key_sign(services->release_key, program, length, signature);
        response->status = 200;
        response_header(response, "Content-Type", "application/octet-stream");
        response_header(response, "Cache-Control", "no-cache");
        text_append_bytes(&response->text, signature, sizeof(signature));
        return true;
}

static bool show_key(const Request *request, Response *response, Services *services, Error **err) {
        (void) request;
        if (!services->release_key)
                return error_set(err, ERROR_NOT_FOUND, "this controller has no release key");
        CLEANUP(free) char *pem = signing_key_public_pem(services->release_key);
        response_text(response, 200, "text/plain", pem);
        return true;
}

static bool show_authority(const Request *request, Response *response, Services *services, Error **err) {
        (void) request;
        if (!services->authority)
                return error_set(err, ERROR_NOT_FOUND, "this controller has no authority");
        response_text(response, 200, "text/plain", services->authority);
        return true;
}

static const Route routes[] = {
        { "GET", "/agent/ghost-agent", RIGHT_NONE, show, 0,
          &(const RouteDoc){ .operation = "get_agent_program",
                             .summary = "The agent's program, for machines whose image has none",
                             .kind = ANSWER_BYTES,
                             .statuses = { 404 } } },
        { "GET", "/agent/ghost-agent.sha256", RIGHT_NONE, show_checksum, 0,
          &(const RouteDoc){ .operation = "get_agent_checksum",
                             .summary = "Its SHA-256, as sha256sum writes it",
                             .kind = ANSWER_TEXT,
                             .statuses = { 404 } } },
        { "GET", "/agent/ghost-agent.sig", RIGHT_NONE, show_signature, 0,
          &(const RouteDoc){ .operation = "get_agent_signature",
                             .summary = "Its Ed25519 signature by the release key: 64 bytes",
                             .kind = ANSWER_BYTES,
                             .statuses = { 404, 409 } } },
        { "GET", "/agent/release-key", RIGHT_NONE, show_key, 0,
          &(const RouteDoc){ .operation = "get_release_key",
                             .summary = "The public half of the release key, PEM",
                             .kind = ANSWER_TEXT,
                             .statuses = { 404 } } },
        { "GET", "/agent/ca", RIGHT_NONE, show_authority, 0,
          &(const RouteDoc){ .operation = "get_agent_authority",
                             .summary = "The authority of the agent link, PEM: the setting ca of an agent",
                             .kind = ANSWER_TEXT,
                             .statuses = { 404 } } },
};

const Resource agent_program_resource = RESOURCE("agent", routes);
