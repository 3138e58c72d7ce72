#include "jobs/steps/order_checks.h"

static void add_deploy(const Ghost__DeployModule *deploy, StringList *ret) {
        if (deploy->health)
                string_list_add(ret, deploy->module);
}

void order_checks_list(const Ghost__Order *order, StringList *ret) {
        if (order->action_case == GHOST__ORDER__ACTION_DEPLOY_MODULE)
                add_deploy(order->deploy_module, ret);
        else if (order->action_case == GHOST__ORDER__ACTION_RESTORE_MODULE) {
                /* Where nothing is to be live, nothing is checked. */
                if (order->restore_module->health && *order->restore_module->manifest_sha256)
                        string_list_add(ret, order->restore_module->module);
        } else if (order->action_case == GHOST__ORDER__ACTION_BOOTSTRAP)
                for (size_t i = 0; i < order->bootstrap->n_modules; i++)
                        add_deploy(order->bootstrap->modules[i], ret);
}

static bool shows(const Ghost__Receipt *receipt, const char *module) {
        for (size_t i = 0; i < receipt->n_health; i++)
                if (text_equal(receipt->health[i]->module, module))
                        return true;
        return false;
}

bool order_checks_made(const StringList *modules, const Ghost__Receipt *receipt, Text *ret_why) {
        size_t missing = 0;

        for (size_t i = 0; i < modules->count; i++)
                if (!shows(receipt, modules->items[i]))
                        text_appendf(ret_why, "%s%s", missing++ ? ", " : "", modules->items[i]);
        if (missing > 0)
                text_append(
                        ret_why, ": no health check was made: the version of the agent is too old for health "
                                 "checks; update the agent (build a new image)");
        return missing == 0;
}
