#include "metrics/process_facts.h"

#include <dirent.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"

/* Positions in /proc/self/stat, counted from what follows the name: the first is the state. */
enum {
        STAT_MAX_BYTES = 4096,
        AT_USER = 11,
        AT_SYSTEM = 12,
        AT_THREADS = 17,
        AT_START = 19,
        AT_VIRTUAL = 20,
        AT_RESIDENT = 21
};

static double number_at(const StringList *words, size_t index) {
        return index < words->count ? strtod(words->items[index], NULL) : 0;
}

/* Ticks since the machine's boot, as seconds since 1970. */
static double since_1970(double ticks, double ticks_per_s) {
        struct timespec boot;

        if (clock_gettime(CLOCK_BOOTTIME, &boot) != 0)
                return 0;
        double uptime_s = (double) boot.tv_sec + (double) boot.tv_nsec / 1e9;
        return (double) clock_now_us() / 1e6 - uptime_s + ticks / ticks_per_s;
}

static void read_stat(ProcessFacts *ret) {
        CLEANUP(error_free) Error *ignored = NULL;
        CLEANUP(string_list_clear) StringList words = { 0 };
        CLEANUP(free) char *text = NULL;
        double ticks_per_s = (double) sysconf(_SC_CLK_TCK);

        if (!file_read("/proc/self/stat", STAT_MAX_BYTES, &text, NULL, &ignored))
                return;
        const char *name_end = strrchr(text, ')');
        if (!name_end || name_end[1] != ' ')
                return;
        text_split(name_end + 2, ' ', &words);
        ret->cpu_s = (number_at(&words, AT_USER) + number_at(&words, AT_SYSTEM)) / ticks_per_s;
        ret->threads = number_at(&words, AT_THREADS);
        ret->start_s = since_1970(number_at(&words, AT_START), ticks_per_s);
        ret->virtual_bytes = number_at(&words, AT_VIRTUAL);
        ret->resident_bytes = number_at(&words, AT_RESIDENT) * (double) sysconf(_SC_PAGESIZE);
}

static double count_descriptors(void) {
        DIR *folder = opendir("/proc/self/fd");
        double count = 0;

        if (!folder)
                return 0;
        for (struct dirent *entry; (entry = readdir(folder));)
                count += entry->d_name[0] != '.';
        closedir(folder);
        return count - 1; /* the folder's own */
}

ProcessFacts process_facts(void) {
        ProcessFacts facts = { 0 };
        struct rlimit limit;

        read_stat(&facts);
        facts.open_fds = count_descriptors();
        if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
                facts.max_fds = (double) limit.rlim_cur;
        return facts;
}
