/* Whatever file is given as a backup: it is proved or refused. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "backup/archive.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        CLEANUP(archive_facts_clear) ArchiveFacts facts = { 0 };
        CLEANUP(error_free) Error *problem = NULL;
        CLEANUP(file_close) int fd = memfd_create("backup", MFD_CLOEXEC);
        CLEANUP(free) char *path = xasprintf("/proc/self/fd/%d", fd);

        if (!file_write_all(fd, data, size, &problem))
                abort();
        if (!archive_read(path, NULL, NULL, &facts, &problem) && !problem)
                abort();
        return 0;
}
