#include "jobs/provisioners/bundle.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/process.h"
#include "yaml/yaml_document.h"

enum { TAR_TIMEOUT_MS = 120000, MAX_YAML_BYTES = 4 << 20, BASE64_LINE = 76 };

typedef struct Packing {
        Text archive;
        Text complaint;
} Packing;

static void on_archive(void *context, const char *bytes, size_t length) {
        Packing *packing = context;

        text_append_bytes(&packing->archive, bytes, length);
}

static void on_complaint(void *context, const char *bytes, size_t length) {
        Packing *packing = context;

        text_append_bytes(&packing->complaint, bytes, length);
}

/* The same folder gives the same bytes, so that a task that is sent again is the same task. */
static bool run_tar(const char *folder, Packing *packing, Error **err) {
        const char *const argv[] = { "tar",        "--create",  "--gzip",    "--exclude-vcs",   "--sort=name",
                                     "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--directory",
                                     folder,       ".",         NULL };
        static const char *const environment[] = { "PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C", "GZIP=-n",
                                                   NULL };
        const ProcessSpec spec = { .argv = argv,
                                   .environment = environment,
                                   .uid = PROCESS_KEEP_ID,
                                   .gid = PROCESS_KEEP_ID,
                                   .deadline = deadline_after_ms(TAR_TIMEOUT_MS),
                                   .output_max_bytes = BUNDLE_MAX_BYTES,
                                   .on_output = on_archive,
                                   .on_error = on_complaint,
                                   .separate_error = true,
                                   .context = packing };
        ProcessResult result;

        if (!process_run(&spec, &result, err))
                return error_prefix(err, "packing features");
        if (result.end == PROCESS_EXITED && result.code == 0)
                return true;
        if (result.end == PROCESS_FLOODED)
                return error_set(
                        err, ERROR_UNAVAILABLE, "packing features: the folder is larger than %d MiB packed",
                        BUNDLE_MAX_BYTES >> 20);
        CLEANUP(free) char *how = process_result_describe(&result);
        return error_set(
                err, ERROR_INTERNAL, "packing features: tar %s: %s", how,
                packing->complaint.data ? packing->complaint.data : "");
}

static void append_base64(Text *text, const Text *bytes) {
        CLEANUP(free) char *encoded = base64_encode(bytes->data, bytes->length);
        size_t length = strlen(encoded);

        for (size_t at = 0; at < length; at += BASE64_LINE) {
                text_append_bytes(text, encoded + at, length - at < BASE64_LINE ? length - at : BASE64_LINE);
                text_append(text, "\n");
        }
}

bool bundle_write(const char *folder, const char *commands, Text *ret, Error **err) {
        static const char head[] = "#!/bin/sh\n"
                                   "# Unpacks the folder at its end, works in it, removes it.\n"
                                   "set -eu\n"
                                   "folder=$(mktemp -d \"${TMPDIR:-/var/tmp}/ghost-features.XXXXXX\")\n"
                                   "trap 'cd / && rm -rf \"$folder\"' EXIT\n"
                                   "sed '1,/^FOLDER$/d' \"$0\" | base64 -d | tar -xzf - -C \"$folder\"\n"
                                   "cd \"$folder\"\n";
        Packing packing = { 0 };
        bool packed = run_tar(folder, &packing, err);

        if (packed) {
                text_append(ret, head);
                text_append(ret, commands);
                text_append(ret, "exit 0\nFOLDER\n");
                append_base64(ret, &packing.archive);
        }
        text_clear(&packing.archive);
        text_clear(&packing.complaint);
        return packed;
}

bool bundle_write_yaml(const char *folder, const char *name, const Document *document, Error **err) {
        CLEANUP(free) char *path = xasprintf("%s/%s", folder, name);
        CLEANUP(free) char *parent = xstrndup(path, (size_t) (strrchr(path, '/') - path));
        char *text = NULL;
        size_t length = 0;
        FILE *out = open_memstream(&text, &length);

        if (!out)
                return error_set(err, ERROR_INTERNAL, "no memory for %s", name);
        bool good = yaml_print(document, out, err);
        if (fclose(out) != 0 && good)
                good = error_set(err, ERROR_INTERNAL, "no memory for %s", name);
        good = good && file_make_folders(parent, 0755, err) &&
               file_write_atomic(path, text, length, 0644, err);
        free(text);
        return good;
}

Document *bundle_read_yaml(const char *folder, const char *name, Error **err) {
        CLEANUP(free) char *path = xasprintf("%s/%s", folder, name), *text = NULL;
        CLEANUP(error_free) Error *error = NULL;
        Document *read = NULL;
        size_t length;

        if (file_read(path, MAX_YAML_BYTES, &text, &length, &error))
                read = yaml_read(text, length, &error);
        if (!read)
                (void) error_set(err, error_kind(error), "%s: %s", name, error_message(error));
        return read;
}
