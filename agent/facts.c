#include "facts.h"

#include <string.h>
#include <sys/utsname.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

Ghost__Facts *facts_new(void) {
        Ghost__Facts *facts = xcalloc(1, sizeof(*facts));

        ghost__facts__init(facts);
        return facts;
}

static void set(char **field, char *value) {
        if (*field != protobuf_c_empty_string)
                free(*field);
        *field = value;
}

/* PRETTY_NAME="Debian GNU/Linux 12 (bookworm)" */
static char *pretty_name(const char *root) {
        static const char key[] = "PRETTY_NAME=";
        CLEANUP(free) char *path = xasprintf("%s/etc/os-release", root), *content = NULL;
        CLEANUP(error_free) Error *ignored = NULL;
        size_t length = 0;

        if (!file_read(path, 64 << 10, &content, &length, &ignored) ||
            !text_is_utf8(content, strlen(content)))
                return xstrdup("");
        const char *found = strstr(content, key);
        if (!found)
                return xstrdup("");
        found += sizeof(key) - 1;
        found += *found == '"';
        return xstrndup(found, strcspn(found, "\"\n"));
}

void facts_read(Ghost__Facts *facts, const char *root) {
        struct utsname name;

        set(&facts->os, pretty_name(root));
        if (uname(&name) < 0)
                return;
        set(&facts->host_name, xstrdup(name.nodename));
        set(&facts->kernel, xstrdup(name.release));
        set(&facts->architecture, xstrdup(name.machine));
}
