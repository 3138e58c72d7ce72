/* What git says a repository has: whatever it prints, names and hashes are whole and in their order. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "sources/git_refs.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void check_order(const GitRef *before, const GitRef *ref) {
        if (before->is_tag != ref->is_tag) {
                if (ref->is_tag)
                        abort();
                return;
        }
        int order =
                ref->is_tag ? git_version_compare(ref->name, before->name) : strcmp(before->name, ref->name);
        if (order > 0 || (ref->is_tag && order != -git_version_compare(before->name, ref->name) &&
                          (order < 0) != (git_version_compare(before->name, ref->name) > 0)))
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
        CLEANUP(free) char *output = xstrndup((const char *) bytes, length);
        CLEANUP(git_refs_clear) GitRefs refs = { 0 };

        git_refs_parse(output, &refs);
        for (size_t i = 0; i < refs.count; i++) {
                if (!*refs.items[i].name || strlen(refs.items[i].commit) < 40)
                        abort();
                if (i > 0)
                        check_order(&refs.items[i - 1], &refs.items[i]);
        }
        return 0;
}
