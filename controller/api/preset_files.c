#include "api/preset_files.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "yaml/yaml_document.h"

enum { MAX_PRESET_BYTES = 256 << 10 };

static bool add_feature(const Document *given, Document *features, Error **err) {
        static const char *const members[] = { "name", "value", "provisioner" };
        Document *feature = document_object();

        document_append(features, feature);
        if (text_empty(document_get_string(given, "name")))
                return error_set(err, ERROR_INVALID, "feature %zu has no name", document_count(features));
        for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
                document_set_string(feature, members[i], document_get_string(given, members[i]));
        return true;
}

Document *preset_parse(const char *name, const char *text, size_t length, Error **err) {
        CLEANUP(document_free) Document *read = yaml_read_text(text, length, err);
        CLEANUP(document_free) Document *preset = document_object();
        const Document *given = document_get(read, "features");
        Document *features = document_array();

        document_set_string(preset, "name", name);
        document_set_string(preset, "description", document_get_string(read, "description"));
        document_set(preset, "features", features);
        if (!read)
                return NULL;
        if (!document_is_array(given)) {
                (void) error_set(err, ERROR_INVALID, "it has no list of features");
                return NULL;
        }
        for (size_t i = 0; i < document_count(given); i++)
                if (!add_feature(document_at(given, i), features, err))
                        return NULL;
        return TAKE(preset);
}

static int is_preset(const struct dirent *entry) {
        return *entry->d_name != '.' &&
               (text_ends_with(entry->d_name, ".yml") || text_ends_with(entry->d_name, ".yaml"));
}

static Document *read_file(const char *folder, const char *file) {
        CLEANUP(free) char *path = xasprintf("%s/%s", folder, file), *text = NULL;
        CLEANUP(free) char *name = xstrndup(file, (size_t) (strrchr(file, '.') - file));
        CLEANUP(error_free) Error *error = NULL;
        Document *preset = NULL;
        size_t length;

        if (file_read(path, MAX_PRESET_BYTES, &text, &length, &error))
                preset = preset_parse(name, text, length, &error);
        if (!preset)
                log_warn("preset %s: %s", path, error_message(error));
        return preset;
}

Document *preset_files_read(const char *folder) {
        Document *presets = document_array();
        struct dirent **entries = NULL;
        int count = folder ? scandir(folder, &entries, is_preset, alphasort) : 0;

        for (int i = 0; i < count; i++) {
                Document *preset = read_file(folder, entries[i]->d_name);

                if (preset)
                        document_append(presets, preset);
                free(entries[i]);
        }
        free(entries);
        return presets;
}
