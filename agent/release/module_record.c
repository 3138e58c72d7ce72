#include "release/module_record.h"

#include <inttypes.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"

enum { RECORD_MAX_BYTES = 1 << 20 };

static void set(char **field, const char *value) {
        free(*field);
        *field = xstrdup(value);
}

static bool read_line(ModuleRecord *record, const char *line, Error **err) {
        if (text_starts_with(line, "current ")) {
                set(&record->current, line + strlen("current "));
        } else if (text_starts_with(line, "path ")) {
                set(&record->path, line + strlen("path "));
        } else if (text_starts_with(line, "intent ")) {
                set(&record->intent, line + strlen("intent "));
        } else if (text_starts_with(line, "task ")) {
                set(&record->task, line + strlen("task "));
        } else if (text_starts_with(line, "release ")) {
                string_list_add(&record->releases, line + strlen("release "));
        } else if (text_starts_with(line, "switched ")) {
                uint64_t switched_us = 0;
                if (!text_parse_uint(line + strlen("switched "), 0, INT64_MAX, &switched_us, err))
                        return false;
                record->switched_us = (int64_t) switched_us;
        }
        return true;
}

bool module_record_read(const char *file, ModuleRecord *ret, Error **err) {
        CLEANUP(module_record_clear) ModuleRecord record = { 0 };
        CLEANUP(string_list_clear) StringList lines = { 0 };
        CLEANUP(error_free) Error *problem = NULL;
        CLEANUP(free) char *content = NULL;
        size_t length = 0;

        if (!file_read(file, RECORD_MAX_BYTES, &content, &length, &problem)) {
                if (error_kind(problem) == ERROR_NOT_FOUND) {
                        *ret = (ModuleRecord){ 0 };
                        return true;
                }
                *err = TAKE(problem);
                return false;
        }
        text_split(content, '\n', &lines);
        for (size_t i = 0; i < lines.count; i++)
                if (!read_line(&record, lines.items[i], err))
                        return error_prefix(err, "%s", file);
        *ret = record;
        record = (ModuleRecord){ 0 };
        return true;
}

bool module_record_write(const char *file, const ModuleRecord *record, Error **err) {
        CLEANUP(text_clear) Text text = { 0 };

        if (record->current)
                text_appendf(&text, "current %s\n", record->current);
        if (record->path)
                text_appendf(&text, "path %s\n", record->path);
        text_appendf(&text, "switched %" PRId64 "\n", record->switched_us);
        for (size_t i = 0; i < record->releases.count; i++)
                text_appendf(&text, "release %s\n", record->releases.items[i]);
        if (record->intent)
                text_appendf(&text, "intent %s\n", record->intent);
        if (record->task)
                text_appendf(&text, "task %s\n", record->task);
        return file_write_atomic(file, text.data, text.length, 0600, err);
}

void module_record_clear(ModuleRecord *record) {
        free(record->current);
        free(record->path);
        free(record->intent);
        free(record->task);
        string_list_clear(&record->releases);
        *record = (ModuleRecord){ 0 };
}

void module_record_forget(ModuleRecord *record, const char *manifest_sha256) {
        StringList kept = { 0 };

        for (size_t i = 0; i < record->releases.count; i++)
                if (!text_equal(record->releases.items[i], manifest_sha256))
                        string_list_add(&kept, record->releases.items[i]);
        string_list_clear(&record->releases);
        record->releases = kept;
}

void module_record_use(ModuleRecord *record, const char *manifest_sha256) {
        CLEANUP(free) char *name = xstrdup(manifest_sha256);

        module_record_forget(record, name);
        string_list_add(&record->releases, name);
}
