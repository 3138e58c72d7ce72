/* What the kernel says of this process. Linux. */
#pragma once

typedef struct ProcessFacts {
        double cpu_s, start_s; /* start: seconds since 1970 */
        double resident_bytes, virtual_bytes;
        double open_fds, max_fds, threads;
} ProcessFacts;

/* What cannot be found out is 0. */
ProcessFacts process_facts(void);
