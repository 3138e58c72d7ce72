/* What jobs work with. The composition root makes one, fills it, and keeps it until the queue is freed. */
#pragma once

#include "aws/aws.h"
#include "base/crypto.h"
#include "jobs/job_log.h"
#include "jobs/provisioners/provisioner.h"
#include "jobs/steps/ec2_work.h"
#include "jobs/task_board.h"
#include "packages/package_store.h"
#include "sources/git_mirror.h"
#include "store/store.h"

typedef struct JobLimits {
        int64_t job_timeout_ms;
        int64_t agent_wait_ms; /* for the agent of a known instance that is not connected */
        int64_t boot_timeout_ms, image_stall_ms, stop_patience_ms;
        int64_t group_ready_ms; /* of a new instance of a group, until it is bootstrapped */
        int64_t hook_timeout_ms, task_timeout_ms;
        int64_t in_service_ms; /* of an instance that was put back into its load balancer */
        int64_t build_pack_timeout_ms;
        uint64_t build_pack_output_bytes;
        uint32_t keep_releases;
        size_t keep_images;
        bool exclude_git;
        bool hooks_as_owner; /* pre_deploy and post_deploy run as the module's uid and gid */
} JobLimits;

typedef struct JobServices {
        Store *store;
        JobLogs *logs;
        TaskBoard *tasks;
        PackageStore *packages;
        GitMirrors *mirrors;
        Aws *aws;
        const SigningKey *release_key;
        const char
                *work_folder; /* data_dir/work: work trees of running jobs; nothing in it outlives its job */
        FeatureSettings features;
        bool skip_bootstrap;         /* of buildimage, when its option 0 does not say */
        const char *build_pack_user; /* NULL: the controller's own */
        JobLimits limits;

        /* A join token for one instance to come, and how it reaches the link. purpose: "bake" or "instance".
         */
        bool (*make_join_info)(
                void *context, const char *app_id, const char *job_id, const char *purpose, JoinInfo *ret,
                Error **err);
        /* A job changed its status. From a worker's thread; must not block. May be NULL. */
        void (*on_job_changed)(void *context, const char *job_id);
        /* A job has ended, after so long. From a worker's thread. May be NULL. */
        void (*on_job_ended)(void *context, const char *command, const char *status, int64_t duration_ms);
        /* A job begins or ends to wait for a person, and holds none of those that may run at a time. From a
         * worker's thread. May be NULL. */
        void (*on_job_waits)(void *context, bool waits);
        void *context;
} JobServices;
