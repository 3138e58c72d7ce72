/* Checks: one file each, listed in checks.c. Each looks at one thing and changes nothing. */
#pragma once

#include "aws/aws.h"
#include "check/finding.h"
#include "settings.h"

typedef struct CheckContext {
        const ControllerSettings *settings;
        Aws *aws; /* NULL: there is no way to it, and aws_why says why */
        const char *aws_why;
        bool aws_trusted; /* an earlier check got an answer to our keys */
        bool running;     /* a controller works with the data folder now */
        Findings *findings;
} CheckContext;

typedef struct Check {
        const char *name;
        void (*run)(CheckContext *check);
} Check;

extern const Check aws_identity_check;
extern const Check aws_permissions_check;
extern const Check certificates_check;
extern const Check clock_check;
extern const Check database_check;
extern const Check disk_check;
extern const Check git_check;
extern const Check listen_check;
extern const Check secrets_check;

/* Runs all of them. settings NULL: they could not be read, and why says what is wrong. */
void checks_run(const ControllerSettings *settings, const Error *why, Findings *ret);

/* A session with AWS for one question, bounded in time. */
AwsSession check_session(const CheckContext *check);
