/* What runs out: the authority of the agent link, its server certificate, that of HTTPS. */
#include "base/certificate.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "check/check.h"

enum { PEM_MAX_BYTES = 1 << 16, WARN_DAYS = 21 };
#define DAY_US (86400 * INT64_C(1000000))

static const char renew_link[] = "start the controller again: it makes a new one in time";
static const char renew_authority[] = "every agent believes in it: before then, move data_dir/tls aside, "
                                      "start the controller, and bake images "
                                      "with new agents";
static const char renew_http[] = "renew it, then send the controller SIGHUP";

static void look_at(CheckContext *check, const char *path, const char *what, const char *remedy) {
        CLEANUP(certificate_facts_clear) CertificateFacts facts = { 0 };
        CLEANUP(error_free) Error *why = NULL;
        CLEANUP(free) char *pem = NULL;

        if (!file_read(path, PEM_MAX_BYTES, &pem, NULL, &why)) {
                if (error_kind(why) == ERROR_NOT_FOUND)
                        finding_warning(
                                check->findings,
                                "it is made at the first start; if there was one, restore it",
                                "there is no %s at %s", what, path);
                else
                        finding_problem(
                                check->findings, "run the check as the controller's user", "%s",
                                error_message(why));
                return;
        }
        if (!certificate_read(pem, &facts, &why)) {
                finding_problem(
                        check->findings, "put the right file there, or restore a backup", "%s: %s", path,
                        error_message(why));
                return;
        }
        CLEANUP(free) char *end = clock_format_iso(facts.not_after_us);
        int64_t left_us = facts.not_after_us - clock_now_us();
        if (left_us < 0)
                finding_problem(check->findings, remedy, "the %s (%s) ran out at %s", what, path, end);
        else if (left_us < WARN_DAYS * DAY_US)
                finding_warning(
                        check->findings, remedy, "the %s (%s) runs out at %s, in %lld days", what, path, end,
                        (long long) (left_us / DAY_US));
        else
                finding_good(check->findings, "the %s is good until %s", what, end);
}

static void run(CheckContext *check) {
        CLEANUP(free) char *authority = xasprintf("%s/tls/ca.pem", check->settings->data_dir);
        CLEANUP(free) char *server = xasprintf("%s/tls/server.pem", check->settings->data_dir);

        look_at(check, authority, "authority of the agent link", renew_authority);
        look_at(check, server, "certificate of the agent link", renew_link);
        if (check->settings->http_certificate)
                look_at(check, check->settings->http_certificate, "certificate of HTTPS", renew_http);
}

const Check certificates_check = { "certificates", run };
