#include "harness/ghost_test.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "metrics/process_facts.h"

static void the_kernel_is_believed(void **state) {
        ProcessFacts before = process_facts();
        CLEANUP(file_close) int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        ProcessFacts after = process_facts();

        (void) state;
        assert_true(after.open_fds == before.open_fds + 1);
        assert_true(after.max_fds > after.open_fds);
        assert_true(after.threads >= 1);
        assert_true(after.resident_bytes > 100000 && after.virtual_bytes > after.resident_bytes);
        assert_true(after.cpu_s >= before.cpu_s);
        double age_s = (double) clock_now_us() / 1e6 - after.start_s;
        assert_true(age_s > -2 && age_s < 3600);
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(the_kernel_is_believed) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
