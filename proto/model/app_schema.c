#include "model/app.h"
#include "model/job.h"

#define NAME_PATTERN "^[a-zA-Z0-9_.+-]*$"
/* As the contract writes what is checked here a little stricter, or in another dialect. */
#define PLACE_SHOWN "^[a-z0-9\\-\\_]*$"
#define WORD_SHOWN "^[a-zA-Z0-9\\.\\-\\_]*$"

/* Owners have 32 bits, and the largest number means "leave it as it is" to chown(). */
#define OWNER_ID_MAX (UINT32_MAX - 1)

static const char *const protocols[] = { "git", "s3", NULL };
static const char *const modes[] = { "symlink", NULL };
static const char *const scopes[] = { "system", "code", NULL };
static const char *const colors[] = { "blue", "green", NULL };
static const char *const job_states[] = { "done", "failed", "aborted", JOB_WAITING, "*", NULL };
static const char *const check_types[] = { "http", "tcp", "command", NULL };
static const char *const check_hosts[] = { "private_ip", "localhost", NULL };
/* The contract's, and those that AWS has had since. */
static const char *const volume_types[] = { "gp3", "gp2", "io2", "io1", "st1", "sc1", "standard", NULL };

static const SchemaField source_fields[] = {
        { "protocol", SCHEMA_STRING, .words = protocols, .fallback = "git" },
        { "url", SCHEMA_STRING, .max = 2048 },
        { "mode", SCHEMA_STRING, .words = modes, .fallback = "symlink" },
};
static const Schema source_schema = SCHEMA(source_fields);

static const SchemaField health_check_fields[] = {
        { "type", SCHEMA_STRING, SCHEMA_REQUIRED, .words = check_types },
        { "path", SCHEMA_STRING, .pattern = "^/[!-~]*$", .max = 2048 },
        { "port", SCHEMA_INT, SCHEMA_HAS_MIN, .min = 1, .max = UINT16_MAX },
        { "host", SCHEMA_STRING, .words = check_hosts },
        { "status", SCHEMA_STRING, .pattern = "^[1-5][0-9][0-9](-[1-5][0-9][0-9])?$" },
        { "command", SCHEMA_STRING },
        { "retries", SCHEMA_INT, SCHEMA_HAS_MIN, .max = 1000 },
        { "interval", SCHEMA_INT, SCHEMA_HAS_MIN, .min = 1, .max = 3600 },
        { "timeout", SCHEMA_INT, SCHEMA_HAS_MIN, .min = 1, .max = 3600 },
        { "deadline", SCHEMA_INT, SCHEMA_HAS_MIN, .min = 1, .max = 3600 },
};
static const Schema health_check_schema = SCHEMA(health_check_fields);

static const SchemaField module_fields[] = {
        { "name", SCHEMA_STRING, SCHEMA_REQUIRED, .pattern = "^[a-zA-Z0-9._-]+$", .max = 128,
          .shown_pattern = WORD_SHOWN },
        { "source", SCHEMA_OBJECT, .schema = &source_schema },
        { "git_repo", SCHEMA_STRING, .max = 2048 },
        { "scope", SCHEMA_STRING, SCHEMA_REQUIRED, .words = scopes },
        { "uid", SCHEMA_INT, SCHEMA_HAS_MIN, .max = OWNER_ID_MAX },
        { "gid", SCHEMA_INT, SCHEMA_HAS_MIN, .max = OWNER_ID_MAX },
        { "build_pack", SCHEMA_STRING },
        { "pre_deploy", SCHEMA_STRING },
        { "post_deploy", SCHEMA_STRING },
        { "after_all_deploy", SCHEMA_STRING },
        { "path", SCHEMA_STRING, SCHEMA_REQUIRED, .pattern = "^(/[a-zA-Z0-9._-]+)+$", .max = 512,
          .shown_pattern = "^(/[a-zA-Z0-9\\.\\-\\_]+)+$" },
        { "health_check", SCHEMA_OBJECT, .schema = &health_check_schema },
        { "initialized", SCHEMA_BOOL, SCHEMA_READ_ONLY },
        { "last_deployment", SCHEMA_ID, SCHEMA_READ_ONLY },
};
static const Schema module_schema = SCHEMA(module_fields);

static const SchemaField lifecycle_fields[] = {
        { "pre_buildimage", SCHEMA_STRING },
        { "post_buildimage", SCHEMA_STRING },
        { "pre_bootstrap", SCHEMA_STRING },
        { "post_bootstrap", SCHEMA_STRING },
};
static const Schema lifecycle_schema = SCHEMA(lifecycle_fields);

static const SchemaField swap_hook_fields[] = {
        { "pre_swap", SCHEMA_STRING },
        { "post_swap", SCHEMA_STRING },
};
static const Schema swap_hook_schema = SCHEMA(swap_hook_fields);

static const SchemaField blue_green_fields[] = {
        { "enable_blue_green", SCHEMA_BOOL },
        { "hooks", SCHEMA_OBJECT, .schema = &swap_hook_schema },
        { "color", SCHEMA_STRING, .words = colors },
        { "is_online", SCHEMA_BOOL },
        { "alter_ego_id", SCHEMA_ID, SCHEMA_READ_ONLY },
};
static const Schema blue_green_schema = SCHEMA(blue_green_fields);

static const SchemaField feature_fields[] = {
        { "name", SCHEMA_STRING, SCHEMA_REQUIRED, .pattern = "^[a-zA-Z0-9._-]+$", .shown_pattern = WORD_SHOWN,
          .max = 128 },
        { "version", SCHEMA_STRING, .pattern = "^[a-zA-Z0-9._/:~+=,-]*$",
          .shown_pattern = "^[a-zA-Z0-9\\.\\-\\_\\/:~\\+=\\,]*$", .max = 256 },
        { "provisioner", SCHEMA_STRING, .pattern = "^[a-zA-Z0-9]*$", .max = 64 },
        { "parameters", SCHEMA_OBJECT },
};
static const Schema feature_schema = SCHEMA(feature_fields);

static const SchemaField variable_fields[] = {
        { "var_key", SCHEMA_STRING, .pattern = "^[a-zA-Z_]+[a-zA-Z0-9_]*$", .not_pattern = "^(GHOST|ghost)",
          .shown_pattern = "^(?!GHOST|ghost)[a-zA-Z_]+[a-zA-Z0-9_]*$", .max = 256 },
        { "var_value", SCHEMA_STRING, .max = 65536 },
};
static const Schema variable_schema = SCHEMA(variable_fields);

static const SchemaField notification_fields[] = {
        { "email", SCHEMA_STRING, .pattern = "^[a-zA-Z0-9_.+-]+@[a-zA-Z0-9-]+\\.[a-zA-Z0-9.-]+$",
          .shown_pattern = "^[a-zA-Z0-9_.+-]+@[a-zA-Z0-9-]+\\.[a-zA-Z0-9-.]+$", .max = 320 },
        { "job_states", SCHEMA_LIST, .words = job_states, .max = 5 },
};
static const Schema notification_schema = SCHEMA(notification_fields);

static const SchemaField autoscale_fields[] = {
        { "name", SCHEMA_STRING, .max = 255 },
        { "min", SCHEMA_INT, SCHEMA_HAS_MIN },
        { "max", SCHEMA_INT, SCHEMA_HAS_MIN },
        { "enable_metrics", SCHEMA_BOOL },
};
static const Schema autoscale_schema = SCHEMA(autoscale_fields);

/* How the HAProxys are talked to: by Cloud Deploy's HTTP API beside each (when nothing is said), or by
 * HAProxy's own runtime API. */
static const char *const haproxy_apis[] = { "hapi", "runtime", NULL };
static const SchemaField safe_deployment_fields[] = {
        { "load_balancer_type", SCHEMA_STRING, .max = 64 },
        { "wait_before_deploy", SCHEMA_INT, SCHEMA_HAS_MIN },
        { "wait_after_deploy", SCHEMA_INT, SCHEMA_HAS_MIN },
        { "app_tag_value", SCHEMA_STRING, .max = 255 },
        { "ha_backend", SCHEMA_STRING, .max = 255 },
        { "api_port", SCHEMA_INT, SCHEMA_HAS_MIN },
        { "haproxy_api", SCHEMA_STRING, .words = haproxy_apis },
};
static const Schema safe_deployment_schema = SCHEMA(safe_deployment_fields);

static const SchemaField source_filter_fields[] = {
        { "owner", SCHEMA_STRING, .pattern = "^([0-9]{12}|self|amazon|aws-marketplace)$" },
        { "name", SCHEMA_STRING, SCHEMA_REQUIRED, .pattern = "^[][A-Za-z0-9() ./'@_*?-]{1,256}$",
          .shown_pattern = "^[A-Za-z0-9()\\[\\] ./'@_*?-]{1,256}$" },
};
static const Schema source_filter_schema = SCHEMA(source_filter_fields);

static const SchemaField build_fields[] = {
        { "ssh_username", SCHEMA_STRING, SCHEMA_REQUIRED_ON_INSERT, .pattern = "^[a-z_][a-z0-9_-]{0,30}$",
          .shown_pattern = "^[a-z\\_][a-z0-9\\_\\-]{0,30}$" },
        { "source_ami", SCHEMA_STRING, .pattern = "^ami-[a-z0-9]*$", .max = 64 }, /* or one of the next two */
        { "source_ami_filter", SCHEMA_OBJECT, .schema = &source_filter_schema },
        { "source_ami_parameter", SCHEMA_STRING, .pattern = "^/?[a-zA-Z0-9._/-]+$", .max = 1011 },
        { "spot", SCHEMA_BOOL },
        { "spot_max_price", SCHEMA_STRING, .pattern = "^[0-9]{1,6}([.][0-9]{1,6})?$" },
        { "subnet_id", SCHEMA_STRING, SCHEMA_REQUIRED_ON_INSERT, .pattern = "^subnet-[a-z0-9]*$", .max = 64 },
        { "source_container_image", SCHEMA_STRING, .max = 512 },
        { "ami_name", SCHEMA_STRING, SCHEMA_READ_ONLY },
        { "container_image", SCHEMA_STRING, SCHEMA_READ_ONLY },
};
static const Schema build_schema = SCHEMA(build_fields);

static const SchemaField root_device_fields[] = {
        { "size", SCHEMA_INT, SCHEMA_HAS_MIN, .min = 20 },
        { "name", SCHEMA_STRING, .pattern = "^$|^(/[a-z0-9]+/)?[a-z0-9]+$", .max = 64 },
};
static const Schema root_device_schema = SCHEMA(root_device_fields);

static const SchemaField tag_fields[] = {
        { "tag_name", SCHEMA_STRING, SCHEMA_REQUIRED, .max = 128 },
        { "tag_value", SCHEMA_STRING, SCHEMA_REQUIRED, .max = 256 },
};
static const Schema tag_schema = SCHEMA(tag_fields);

static const SchemaField volume_fields[] = {
        { "device_name", SCHEMA_STRING, SCHEMA_REQUIRED, .pattern = "^/dev/xvd[b-m]$" },
        { "volume_type", SCHEMA_STRING, SCHEMA_REQUIRED, .words = volume_types },
        { "volume_size", SCHEMA_INT, SCHEMA_REQUIRED | SCHEMA_HAS_MIN, .min = 1 },
        { "iops", SCHEMA_INT, SCHEMA_HAS_MIN },
        { "launch_block_device_mappings", SCHEMA_BOOL },
};
static const Schema volume_schema = SCHEMA(volume_fields);

static const SchemaField environment_fields[] = {
        { "security_groups", SCHEMA_LIST, .pattern = "^sg-[a-z0-9]*$", .max = 100 },
        { "subnet_ids", SCHEMA_LIST, .pattern = "^subnet-[a-z0-9]*$", .max = 100 },
        { "instance_profile", SCHEMA_STRING, .pattern = "^[a-zA-Z0-9+=,.@_-]{1,128}$",
          .shown_pattern = "^[a-zA-Z0-9\\+\\=\\,\\.\\@\\-\\_]{1,128}$" },
        { "key_name", SCHEMA_STRING, .pattern = "^[ -~]{1,255}$" },
        { "public_ip_address", SCHEMA_BOOL },
        { "root_block_device", SCHEMA_OBJECT, .schema = &root_device_schema },
        { "instance_tags", SCHEMA_LIST, .schema = &tag_schema, .max = 50 },
        { "optional_volumes", SCHEMA_LIST, .schema = &volume_schema, .max = 12 },
};
static const Schema environment_schema = SCHEMA(environment_fields);

static const SchemaField change_fields[] = {
        { "field", SCHEMA_STRING, .max = 64 },
        { "user", SCHEMA_STRING, .max = 256 },
        { "updated", SCHEMA_STRING, .max = 64 },
};
static const Schema change_schema = SCHEMA(change_fields);

static const SchemaField app_fields[] = {
        { "name", SCHEMA_STRING, SCHEMA_REQUIRED_ON_INSERT, .pattern = "^[a-zA-Z0-9_.+-]+$",
          .shown_pattern = NAME_PATTERN, .max = 128 },
        { "env", SCHEMA_STRING, SCHEMA_REQUIRED_ON_INSERT, .pattern = "^[a-z0-9_-]+$",
          .shown_pattern = PLACE_SHOWN, .max = 128 },
        { "role", SCHEMA_STRING, SCHEMA_REQUIRED_ON_INSERT, .pattern = "^[a-z0-9_-]+$",
          .shown_pattern = PLACE_SHOWN, .max = 128 },
        { "description", SCHEMA_STRING, .max = 4096 },
        { "assumed_account_id", SCHEMA_STRING, .pattern = NAME_PATTERN, .max = 128 },
        { "assumed_role_name", SCHEMA_STRING, .pattern = NAME_PATTERN, .max = 128 },
        { "assumed_region_name", SCHEMA_STRING, .pattern = NAME_PATTERN, .max = 128 },
        { "assumed_external_id", SCHEMA_STRING, .pattern = "^[a-zA-Z0-9_+=,.@:/-]{2,}$", .max = 1224 },
        { "region", SCHEMA_STRING, .max = 64 },
        { "instance_type", SCHEMA_STRING, .max = 64 },
        { "instance_monitoring", SCHEMA_BOOL },
        { "vpc_id", SCHEMA_STRING, SCHEMA_REQUIRED_ON_INSERT, .pattern = "^vpc-[a-z0-9]*$", .max = 64 },
        { "ami", SCHEMA_STRING, SCHEMA_READ_ONLY },
        { "user", SCHEMA_STRING, .max = 256 },
        { "lifecycle_hooks", SCHEMA_OBJECT, .schema = &lifecycle_schema },
        { "blue_green", SCHEMA_OBJECT, .schema = &blue_green_schema },
        { "features", SCHEMA_LIST, .schema = &feature_schema, .max = 200 },
        { "env_vars", SCHEMA_LIST, .schema = &variable_schema, .max = 500 },
        { "modules", SCHEMA_LIST, .schema = &module_schema, .max = 100 },
        { "log_notifications", SCHEMA_LIST, .schema = &notification_schema, .max = 100 },
        { "autoscale", SCHEMA_OBJECT, .schema = &autoscale_schema },
        { "safe-deployment", SCHEMA_OBJECT, .schema = &safe_deployment_schema },
        { "build_infos", SCHEMA_OBJECT, .schema = &build_schema },
        { "environment_infos", SCHEMA_OBJECT, .schema = &environment_schema },
        { "pending_changes", SCHEMA_LIST, .schema = &change_schema, .max = 100 },
};
const Schema app_schema = SCHEMA(app_fields);
