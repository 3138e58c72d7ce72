/* What git prints of commits and files: whatever it is, what is read is whole and bounded. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "sources/git_changes.h"

enum { MOST = 3 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
        CLEANUP(free) char *output = xstrndup((const char *) bytes, length);
        CLEANUP(git_commits_clear) GitCommits commits = { 0 };
        CLEANUP(git_changes_clear) GitChanges changes = { 0 };

        git_commits_parse(output, &commits);
        for (size_t i = 0; i < commits.count; i++)
                if (strlen(commits.items[i].id) < 40 || !commits.items[i].subject)
                        abort();
        git_changes_parse(output, MOST, &changes);
        if (changes.count > MOST || changes.total < changes.count)
                abort();
        for (size_t i = 0; i < changes.count; i++)
                if (!changes.items[i].path || !changes.items[i].change)
                        abort();
        return 0;
}
