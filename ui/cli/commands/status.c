/* status */
#include "cli_commands.h"

#include <inttypes.h>
#include <stdio.h>

#include "output.h"

static const double gigabyte = 1e9;

static void print_janitor(const Document *janitor) {
        const char *trouble = document_get_string(janitor, "trouble");

        if (document_get(janitor, "last_round"))
                (void) printf(
                        "Clean-up           last round %s\n", document_get_string(janitor, "last_round"));
        if (*trouble)
                (void) printf("Clean-up trouble   %s\n", trouble);
}

static void print_breaker(const Document *breaker) {
        const char *since = document_get_string(breaker, "since");

        (void) printf(
                "\nGroup %s of %s launches nothing%s%s:\n"
                "%" PRId64 " instances in a row could not be bootstrapped, the last one: %s\n"
                "Correct it (ghost instance ls, ghost instance log INSTANCE), then: ghost updateautoscaling "
                "%s\n",
                document_get_string(breaker, "group"), document_get_string(breaker, "app"),
                *since ? " since " : "", since, document_get_int(breaker, "failures"),
                document_get_string(breaker, "reason"), document_get_string(breaker, "app"));
}

static void print_deviation(const Document *deviation) {
        const char *wanted = document_get_string(deviation, "wanted");

        (void) printf(
                "\nInstance %s of %s is not on what is wanted:\n"
                "module %s, wanted is %s%.12s: %s\n"
                "To try again: ghost deploy %s, or ghost rollback %s %s\n",
                document_get_string(deviation, "instance_id"), document_get_string(deviation, "app"),
                document_get_string(deviation, "module"), *wanted ? "release " : "no release", wanted,
                document_get_string(deviation, "why"), document_get_string(deviation, "app"),
                document_get_string(deviation, "app"), document_get_string(deviation, "module"));
}

static void print_group_trouble(const Document *trouble) {
        const char *instance = document_get_string(trouble, "instance_id");

        (void) printf(
                "\nGroup %s of %s is not looked after%s%s since %s:\n%s\n%s\n",
                document_get_string(trouble, "group"), document_get_string(trouble, "app"),
                *instance ? ", instance " : "", instance, document_get_string(trouble, "since"),
                document_get_string(trouble, "trouble"), document_get_string(trouble, "remedy"));
}

static void print_enrolment_trouble(const Document *trouble) {
        (void) printf(
                "\nInstance %s of %s, of its group %s, waits to be let in since %s:\n%s\n%s\n",
                document_get_string(trouble, "instance_id"), document_get_string(trouble, "app"),
                document_get_string(trouble, "group"), document_get_string(trouble, "since"),
                document_get_string(trouble, "trouble"), document_get_string(trouble, "remedy"));
}

static void print_each(const Document *health, const char *member, void (*print)(const Document *one)) {
        const Document *list = document_get(health, member);

        for (size_t i = 0; i < document_count(list); i++)
                print(document_at(list, i));
}

static bool run(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(document_free) Document *health = NULL;

        (void) arguments;
        if (!client_get(context->client, "/health", &health, err))
                return false;
        if (context->format != OUTPUT_TABLE)
                return output_document(context, health, err);
        (void) printf(
                "Controller %s     %s\n"
                "Agents connected   %" PRId64 "\n"
                "Jobs               %" PRId64 " running, %" PRId64 " queued\n"
                "Disk free          %.1f GB\n",
                document_get_string(health, "version"), document_get_string(health, "status"),
                document_get_int(health, "agents_connected"), document_get_int(health, "jobs_running"),
                document_get_int(health, "jobs_queued"),
                (double) document_get_int(health, "disk_free_bytes") / gigabyte);
        if (document_get(health, "janitor"))
                print_janitor(document_get(health, "janitor"));
        print_each(health, "breakers", print_breaker);
        print_each(health, "deviations", print_deviation);
        print_each(health, "group_troubles", print_group_trouble);
        print_each(health, "enrolment_troubles", print_enrolment_trouble);
        return true;
}

const CliCommand status_cli = {
        "status",
        "",
        "Show whether the controller is well, which groups stand still, and what is not as wanted",
        NULL,
        run,
        .details =
                "A group whose new instances fail one after the other launches nothing more until somebody "
                "has corrected it: each such group is named with the reason and the way out. So is each "
                "instance that "
                "is on another release than is wanted and stays so until another job, and each group whose "
                "new instances wait because AWS refuses or does not answer. Exit status 1 "
                "when the controller is not well.",
};
