#include "tasks/tasks.h"

#include <inttypes.h>
#include <string.h>

#include "base/crypto.h"
#include "base/log.h"
#include "base/memory.h"
#include "tasks/modules.h"

enum { DEFAULT_TIMEOUT_MS = 60 * 60 * 1000 };

static const char order_context[] = "ghost-order-1";

Ghost__Order *tasks_check_order(
        const Ghost__Task *task, const uint8_t *release_key, const char *agent_id, Error **err) {
        CLEANUP(text_clear) Text message = { 0 };

        text_append(&message, order_context);
        text_append_bytes(&message, task->order.data, task->order.len);
        bool believed = task->signature.len == ED25519_SIGNATURE_BYTES &&
                        signature_valid(release_key, message.data, message.length, task->signature.data);
        if (!believed) {
                error_set(err, ERROR_FORBIDDEN, "the order is not signed by the controller's release key");
                return NULL;
        }
        Ghost__Order *order = ghost__order__unpack(NULL, task->order.len, task->order.data);
        if (!order) {
                error_set(err, ERROR_INVALID, "the order cannot be read");
                return NULL;
        }
        if (text_equal(order->agent_id, agent_id))
                return order;
        error_set(err, ERROR_FORBIDDEN, "the order is for agent %.24s, not for this one", order->agent_id);
        ghost__order__free_unpacked(order, NULL);
        return NULL;
}

const char *tasks_key(const Ghost__Order *order) {
        switch (order->action_case) {
        case GHOST__ORDER__ACTION_DEPLOY_MODULE:
                return order->deploy_module->module;
        case GHOST__ORDER__ACTION_RESTORE_MODULE:
                return order->restore_module->module;
        case GHOST__ORDER__ACTION_RUN_SCRIPT:
                return "(script)";
        case GHOST__ORDER__ACTION_BOOTSTRAP:
        case GHOST__ORDER__ACTION_CLEAN_IMAGE:
        case GHOST__ORDER__ACTION__NOT_SET:
        case _GHOST__ORDER__ACTION__CASE_IS_INT_SIZE:
        default:
                return NULL;
        }
}

static bool carry_out(Task *task, Error **err) {
        const Ghost__Order *order = task->order;

        if (order->expires_us > 0 && clock_now_us() > order->expires_us)
                return error_set(err, ERROR_TIMEOUT, "the order came too late: it had expired");
        if (!task_check(task, err))
                return false;
        switch (order->action_case) {
        case GHOST__ORDER__ACTION_DEPLOY_MODULE:
                return module_deploy(task, order->deploy_module, err);
        case GHOST__ORDER__ACTION_RESTORE_MODULE:
                return module_restore(task, order->restore_module, err);
        case GHOST__ORDER__ACTION_BOOTSTRAP:
                return task_bootstrap(task, order->bootstrap, err);
        case GHOST__ORDER__ACTION_RUN_SCRIPT:
                return task_run_script(task, order->run_script, err);
        case GHOST__ORDER__ACTION_CLEAN_IMAGE:
                return task_clean_image(task, err);
        case GHOST__ORDER__ACTION__NOT_SET:
        case _GHOST__ORDER__ACTION__CASE_IS_INT_SIZE:
        default:
                return error_set(
                        err, ERROR_INVALID, "this agent (version %s) does not know that order",
                        GHOST_VERSION);
        }
}

/* ---- after a restart
 * -------------------------------------------------------------------------------------------- */

static bool recover_named(
        Task *task, const char *module, uint32_t hook_timeout_ms, bool *ret_all_through, Error **err) {
        const TaskServices *services = task->services;

        if (!releases_module_allowed(module, err))
                return false;
        task_touches(task, module);
        *ret_all_through =
                *ret_all_through && releases_committed_by(services->releases, module, task->order->task_id);
        return module_recover(task, module, hook_timeout_ms, err);
}

static bool recover(Task *task, bool *ret_all_through, Error **err) {
        const Ghost__Order *order = task->order;
        bool ok = true;

        *ret_all_through = order->action_case == GHOST__ORDER__ACTION_DEPLOY_MODULE;
        if (order->action_case == GHOST__ORDER__ACTION_DEPLOY_MODULE)
                return recover_named(
                        task, order->deploy_module->module, order->deploy_module->hook_timeout_ms,
                        ret_all_through, err);
        if (order->action_case == GHOST__ORDER__ACTION_RESTORE_MODULE)
                return recover_named(
                        task, order->restore_module->module, order->restore_module->hook_timeout_ms,
                        ret_all_through, err);
        if (order->action_case != GHOST__ORDER__ACTION_BOOTSTRAP)
                return true;
        for (size_t i = 0; i < order->bootstrap->n_modules && ok; i++)
                ok = recover_named(
                        task, order->bootstrap->modules[i]->module,
                        order->bootstrap->modules[i]->hook_timeout_ms, ret_all_through, err);
        return ok;
}

static bool finish_interrupted(Task *task, Error **err) {
        CLEANUP(error_free) Error *problem = NULL;
        bool all_through = false;

        spool_say(task->spool, "the agent was restarted in the middle of this task");
        if (!recover(task, &all_through, &problem))
                return error_set(
                        err, ERROR_INTERNAL,
                        "the agent was restarted in the middle of this task; going back: %s",
                        error_message(problem));
        if (!all_through)
                return error_set(err, ERROR_INTERNAL, "the agent was restarted in the middle of this task");
        module_note_healthy(task, task->order->deploy_module->module, task->order->deploy_module->health);
        return true;
}

/* ---- receipts
 * --------------------------------------------------------------------------------------------------- */

static Ghost__ErrorKind wire_kind(const Error *error) {
        return error ? (Ghost__ErrorKind) ((int) error_kind(error) + 1) : GHOST__ERROR_KIND__ERROR_KIND_NONE;
}

static Ghost__HookRun **hook_runs(const Task *task) {
        Ghost__HookRun **runs = xcalloc(task->hook_count + 1, sizeof(Ghost__HookRun *));

        for (size_t i = 0; i < task->hook_count; i++) {
                runs[i] = xcalloc(1, sizeof(*runs[i]));
                ghost__hook_run__init(runs[i]);
                runs[i]->module = xstrdup(task->hooks[i].module);
                runs[i]->hook = xstrdup(task->hooks[i].hook);
                runs[i]->exit_code = task->hooks[i].exit_code;
                runs[i]->duration_ms = task->hooks[i].duration_ms;
        }
        return runs;
}

static Ghost__HealthRun **health_runs(const Task *task) {
        Ghost__HealthRun **runs = xcalloc(task->health_count + 1, sizeof(Ghost__HealthRun *));

        for (size_t i = 0; i < task->health_count; i++) {
                const TaskHealthRun *run = &task->health[i];
                runs[i] = xcalloc(1, sizeof(*runs[i]));
                ghost__health_run__init(runs[i]);
                runs[i]->module = xstrdup(run->module);
                runs[i]->kind = xstrdup(run->kind);
                runs[i]->message = xstrdup(run->message);
                runs[i]->ok = run->ok;
                runs[i]->attempts = run->attempts;
                runs[i]->duration_ms = run->duration_ms;
        }
        return runs;
}

static Ghost__Receipt *receipt_of(const Task *task, const Error *problem) {
        Ghost__Receipt *receipt = xcalloc(1, sizeof(*receipt));

        ghost__receipt__init(receipt);
        receipt->task_id = xstrdup(task->order->task_id);
        receipt->job_id = xstrdup(task->order->job_id);
        receipt->ok = problem == NULL;
        receipt->kind = wire_kind(problem);
        receipt->message = xstrdup(problem ? error_message(problem) : "");
        receipt->n_modules = task->modules.count;
        receipt->modules = xcalloc(task->modules.count + 1, sizeof(Ghost__ModuleState *));
        for (size_t i = 0; i < task->modules.count; i++)
                receipt->modules[i] = releases_state(task->services->releases, task->modules.items[i]);
        receipt->n_hooks = task->hook_count;
        receipt->hooks = hook_runs(task);
        receipt->n_health = task->health_count;
        receipt->health = health_runs(task);
        receipt->bytes_fetched = task->bytes_fetched;
        receipt->bytes_reused = task->bytes_reused;
        return receipt;
}

uint8_t *tasks_refusal(const char *task_id, const char *job_id, const Error *error, size_t *ret_length) {
        Ghost__Receipt receipt = GHOST__RECEIPT__INIT;

        receipt.task_id = (char *) task_id;
        receipt.job_id = (char *) job_id;
        receipt.kind = wire_kind(error);
        receipt.message = (char *) error_message(error);
        *ret_length = ghost__receipt__get_packed_size(&receipt);
        uint8_t *packed = xcalloc(1, *ret_length + 1);
        ghost__receipt__pack(&receipt, packed);
        return packed;
}

static void run(
        const TaskServices *services, const Ghost__Order *order, const atomic_bool *cancelled,
        bool (*action)(Task *task, Error **err)) {
        LOG_SCOPE("task", order->task_id);
        CLEANUP(error_free) Error *problem = NULL, *unwritten = NULL;
        Task task = {
                .services = services,
                .order = order,
                .cancelled = cancelled,
                .deadline = deadline_after_ms(order->timeout_ms ? order->timeout_ms : DEFAULT_TIMEOUT_MS),
                .spool = task_journal_spool(services->journal, order->task_id),
        };

        log_info("begins");
        if (action(&task, &problem))
                log_info("done");
        else
                log_warn("%s, reported to the controller", error_message(problem));
        Ghost__Receipt *receipt = receipt_of(&task, problem);
        if (!task_journal_finish(services->journal, receipt, &unwritten))
                log_warn("receipt: %s, it is kept in memory", error_message(unwritten));
        ghost__receipt__free_unpacked(receipt, NULL);
        task_clear(&task);
        if (services->on_modules_changed)
                services->on_modules_changed(services->context);
}

void tasks_run(const TaskServices *services, const Ghost__Order *order, const atomic_bool *cancelled) {
        run(services, order, cancelled, carry_out);
}

void tasks_run_interrupted(
        const TaskServices *services, const Ghost__Order *order, const atomic_bool *cancelled) {
        run(services, order, cancelled, finish_interrupted);
}
