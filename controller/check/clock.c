/* This machine's clock against AWS's: signatures and certificates are good for minutes around a moment. */
#include <stdlib.h>

#include "aws/permission_probe.h"
#include "check/check.h"

enum { WARN_S = 30, REFUSED_S = 240 };

static void run(CheckContext *check) {
        CLEANUP(error_free) Error *why = NULL;
        int64_t offset_us = 0;

        if (!check->aws)
                return; /* told with the identity */
        AwsSession session = check_session(check);
        if (!aws_clock_offset(&session, &offset_us, &why)) {
                finding_warning(
                        check->findings, "see that this machine reaches AWS (proxy, firewall, endpoint)",
                        "the clock could not be compared: %s", error_message(why));
                return;
        }
        int64_t seconds = offset_us / 1000000;
        if (llabs(seconds) >= REFUSED_S)
                finding_problem(
                        check->findings, "let it be set by NTP (timedatectl set-ntp true)",
                        "this machine's clock is %lld s off AWS's", (long long) -seconds);
        else if (llabs(seconds) >= WARN_S)
                finding_warning(
                        check->findings, "let it be set by NTP (timedatectl set-ntp true)",
                        "this machine's clock is %lld s off AWS's", (long long) -seconds);
        else
                finding_good(check->findings, "the clock agrees with AWS's");
}

const Check clock_check = { "clock", run };
