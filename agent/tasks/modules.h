/* What the tasks do with a module: deploy a release, go back to one, put right what a crash left. Each says
 * what it does in the task's log. */
#pragma once

#include "tasks/task.h"

bool module_deploy(Task *task, const Ghost__DeployModule *spec, Error **err);
bool module_restore(Task *task, const Ghost__RestoreModule *spec, Error **err);
/* After a crash in the middle of a deploy: the link back to the release that was there, its post_deploy
 * again. Success when there was nothing to do. */
bool module_recover(Task *task, const char *module, uint32_t hook_timeout_ms, Error **err);

FetchSpec module_fetch_spec(Task *task, const Ghost__DeployModule *spec);
/* From its checked manifest, which is on the disk: what former releases have is taken from them, the rest
 * fetched. */
bool module_make_release(
        Task *task, const Ghost__DeployModule *spec, const Ghost__ManifestReply *reply,
        const Ghost__Manifest *manifest, Error **err);

typedef struct ModuleHook {
        const char *module, *manifest_sha256;
        const char *name; /* "pre_deploy" or "post_deploy" */
        uint32_t timeout_ms;
        bool to_the_end;                    /* see TaskHook */
        const ProtobufCBinaryData *content; /* of the order; NULL: the manifest's hook of that name */
} ModuleHook;
/* pre_deploy in the release's folder, others where the link is. Those with a content of their own are parts
 * of something else: neither announced nor in the receipt. */
bool module_run_hook(Task *task, const ModuleHook *hook, const Ghost__Manifest *manifest, Error **err);
bool module_post_deploy_again(
        Task *task, const char *module, const char *manifest_sha256, uint32_t timeout_ms, Error **err);

/* Of the release that the link points to; check NULL: success. Noted for the receipt. Of what only module and
 * manifest_sha256 count. */
bool module_check_health(
        Task *task, const ModuleHook *what, const Ghost__HealthCheck *check, const Ghost__Manifest *manifest,
        Error **err);
/* It was well, as the release that stands by it tells; the receipt of it was not written. check NULL:
 * nothing. */
void module_note_healthy(Task *task, const char *module, const Ghost__HealthCheck *check);

typedef struct ModuleBack {
        const char *module;
        const char *moved_aside; /* see releases_roll_back() */
        uint32_t hook_timeout_ms;
} ModuleBack;
/* Undoes an unfinished deploy; when the link had been switched, the post_deploy of the release before runs
 * again. */
bool module_put_back(Task *task, const ModuleBack *back, Error **err);
