/* The shared files of the AWS SDKs: ~/.aws/credentials and ~/.aws/config, INI with sections. */
#pragma once

#include <stdbool.h>

#include "base/error.h"

typedef struct Profile Profile;

/* Reads both files (AWS_SHARED_CREDENTIALS_FILE, AWS_CONFIG_FILE, else below HOME) and picks one profile:
 * `name`, else AWS_PROFILE, else "default". What the credentials file says wins. *ret == NULL: "default" in
 * neither file; a profile asked for by name must exist. */
bool profile_load(const char *const *environment, const char *name, Profile **ret, Error **err);
void profile_free(Profile *profile);
CLEANUP_DEFINE(Profile, profile_free);

const char *profile_name(const Profile *profile);
const char *profile_value(const Profile *profile, const char *key); /* NULL: not there; profile may be NULL */

/* Of the services section that the profile names: "[services x]" with "ec2 =" and indented keys below it.
 * service as in AWS_ENDPOINT_URL_<service>: "AUTO_SCALING". */
const char *profile_service_value(const Profile *profile, const char *service, const char *key);

/* For tests and the fuzzer: the keys of one section, from one file's content; a damaged line is an error. */
bool profile_parse(
        Profile *profile, const char *source, const char *content, const char *section, Error **err);
Profile *profile_new(const char *name);
