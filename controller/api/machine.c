#include "api/machine.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

enum { MEMINFO_MAX = 16384, KIB = 1024 };

static void describe_load(Document *machine, long processors) {
        double minute = 0;

        if (processors <= 0)
                return;
        document_set_int(machine, "processors", processors);
        if (getloadavg(&minute, 1) == 1)
                document_set_int(machine, "load_percent", (int64_t) (100 * minute / (double) processors));
}

/* A line of /proc/meminfo: "MemAvailable:   24012345 kB". */
static void describe_memory(Document *machine, const char *meminfo, const char *line, const char *member) {
        const char *at = strstr(meminfo, line);

        if (at)
                document_set_int(machine, member, (int64_t) strtoull(at + strlen(line), NULL, 10) * KIB);
}

Document *machine_describe(void) {
        Document *machine = document_object();
        CLEANUP(free) char *meminfo = NULL;
        CLEANUP(error_free) Error *ignored = NULL;

        describe_load(machine, sysconf(_SC_NPROCESSORS_ONLN));
        if (file_read("/proc/meminfo", MEMINFO_MAX, &meminfo, NULL, &ignored)) {
                describe_memory(machine, meminfo, "MemTotal:", "memory_total_bytes");
                describe_memory(machine, meminfo, "MemAvailable:", "memory_available_bytes");
        }
        return machine;
}

static const SchemaField fields[] = {
        { "processors", SCHEMA_INT },
        { "load_percent", SCHEMA_INT },
        { "memory_total_bytes", SCHEMA_INT },
        { "memory_available_bytes", SCHEMA_INT },
};
const Schema machine_schema = SCHEMA(fields);
