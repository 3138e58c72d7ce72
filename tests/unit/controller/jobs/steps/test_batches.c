#include "jobs/steps/batches.h"

#include <string.h>

#include "harness/ghost_test.h"

static bool count(const char *word, size_t hosts, size_t *ret, Error **err) {
        SafeStrategy strategy;

        return safe_strategy_read(word, &strategy, err) && batches_count(strategy, hosts, ret, err);
}

/* "acegi bdfh": the hosts of each batch, by letter. */
static void deal_out(size_t hosts, size_t batches, char *ret) {
        for (size_t batch = 0; batch < batches; batch++) {
                if (batch > 0)
                        *ret++ = ' ';
                for (size_t host = 0; host < hosts; host++)
                        if (batches_index(host, batches) == batch)
                                *ret++ = (char) ('a' + host);
        }
        *ret = '\0';
}

/* The first rows are the contract's own examples. */
static void the_hosts_are_split_as_the_strategy_says(void **state) {
        static const struct {
                const char *word;
                size_t hosts;
                const char *batches; /* NULL: too few */
        } cases[] = {
                { "1by1", 0, NULL },
                { "1by1", 1, NULL },
                { "1by1", 2, "a b" },
                { "1by1", 3, "a b c" },
                { "50%", 1, NULL },
                { "50%", 2, "a b" },
                { "50%", 3, "ac b" },
                { "50%", 4, "ac bd" },
                { "50%", 5, "ace bd" },
                { "1/3", 2, NULL },
                { "1/3", 3, "a b c" },
                { "1/3", 4, "ad b c" },
                { "1/3", 5, "ad be c" },
                { "1/3", 6, "ad be cf" },
                { "25%", 3, NULL },
                { "25%", 4, "a b c d" },
                { "25%", 5, "ae b c d" },
                { "25%", 6, "ae bf c d" },
                { "25%", 10, "aei bfj cg dh" },
                /* A number: batches of at most so many. */
                { "1", 3, "a b c" },
                { "3", 3, NULL },
                { "3", 4, "ac bd" },
                { "3", 7, "adg be cf" },
                { "3", 9, "adg beh cfi" },
                /* A share: batches of at most that much, one at least. */
                { "10%", 1, NULL },
                { "10%", 3, "a b c" },
                { "10%", 11, "ag bh ci dj ek f" },
                { "30%", 10, "aei bfj cg dh" },
                { "99%", 5, NULL },
                { "60%", 5, "ace bd" },
                /* None: all at once. */
                { "", 0, "" },
                { "", 1, "a" },
                { NULL, 3, "abc" },
                { "None", 2, "ab" },
        };

        (void) state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                CLEANUP(error_free) Error *error = NULL;
                char found[64];
                size_t batches = 0;

                if (count(cases[i].word, cases[i].hosts, &batches, &error) != (cases[i].batches != NULL))
                        fail_msg("%s of %zu", cases[i].word, cases[i].hosts);
                if (!cases[i].batches)
                        continue;
                deal_out(cases[i].hosts, batches, found);
                if (strcmp(found, cases[i].batches) != 0)
                        fail_msg("%s of %zu: '%s'", cases[i].word, cases[i].hosts, found);
        }
}

static void too_few_hosts_are_refused(void **state) {
        size_t batches;

        (void) state;
        assert_fails(
                ERROR_INVALID,
                "Cannot continue, not enought instances to perform the safe deployment: it needs 4, there "
                "are 3",
                count("25%", 3, &batches, err));
        assert_fails(
                ERROR_INVALID,
                "Cannot continue, not enought instances to perform the safe deployment: it needs 2, there "
                "is 1",
                count("1by1", 1, &batches, err));
}

static void the_largest_batch_is_the_first(void **state) {
        (void) state;
        assert_int_equal(batches_largest(5, 2), 3);
        assert_int_equal(batches_largest(4, 4), 1);
        assert_int_equal(batches_largest(5, 4), 2);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_hosts_are_split_as_the_strategy_says),
                cmocka_unit_test(too_few_hosts_are_refused),
                cmocka_unit_test(the_largest_batch_is_the_first),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
