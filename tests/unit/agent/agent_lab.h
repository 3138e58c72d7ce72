/* A whole agent in a process of its own, and the fake controller that gives it orders. */
#pragma once

#include <signal.h>
#include <sys/wait.h>

#include "harness/fake_controller.h"

#include "agent.h"

#define PLAYED __attribute__((unused)) static

typedef struct Lab {
        char *folder, *state, *releases, *root;
        FakeController *controller;
        pid_t agent;
        char token[16];
        unsigned orders;
        char **environment; /* of the agent; NULL: ours */
} Lab;

PLAYED void start_agent(Lab *lab) {
        fflush(NULL);
        lab->agent = fork();
        assert_true(lab->agent >= 0);
        if (lab->agent > 0)
                return;

        CLEANUP(free)
        char *ca = base64_encode(lab->controller->authority_pem, strlen(lab->controller->authority_pem));
        AgentSettings settings = {
                .controller = lab->controller->address,
                .token = lab->token,
                .ca = ca,
                .state_dir = lab->state,
                .releases_dir = lab->releases,
                .root_dir = lab->root,
                .instance_id = (char *) "i-0123456789abcdef0",
                .output_limit = 1 << 20,
                .parallel_tasks = 4,
        };
        CLEANUP(free) char *log = xasprintf("%s/agent.log", lab->folder);
        if (!freopen(log, "a", stderr))
                _exit(9);
        if (lab->environment)
                environ = lab->environment;
        fake_cut(lab->controller);
        close(lab->controller->listener);
        _exit(agent_run(&settings, NULL, &socket_channel_driver));
}

PLAYED int end_agent(Lab *lab, int with) {
        int status = 0;

        kill(lab->agent, with);
        while (waitpid(lab->agent, &status, 0) < 0)
                ;
        lab->agent = 0;
        fake_cut(lab->controller);
        return status;
}

PLAYED int lab_set_up(void **state) {
        Lab *lab = xcalloc(1, sizeof(*lab));

        lab->folder = temp_folder();
        lab->state = xasprintf("%s/state", lab->folder);
        lab->releases = xasprintf("%s/ghost", lab->folder);
        lab->root = xasprintf("%s/root", lab->folder);
        lab->controller = fake_controller_new(lab->folder);
        snprintf(lab->token, sizeof(lab->token), "join");
        *state = lab;
        return 0;
}

PLAYED int lab_tear_down(void **state) {
        Lab *lab = *state;

        if (lab->agent > 0)
                end_agent(lab, SIGKILL);
        fake_controller_free(lab->controller);
        free(lab->state);
        free(lab->releases);
        free(lab->root);
        temp_remove(lab->folder);
        free(lab);
        return 0;
}

PLAYED PackageMaker *make(Lab *lab, const char *version, const char *pre, const char *post) {
        PackageMaker *package = package_new("web", "/srv/web", version);

        package_add_text(package, "version", version);
        package_add(package, "sub", GHOST__ENTRY_TYPE__ENTRY_TYPE_FOLDER);
        package_add_text(package, "sub/page", "hello\n");
        if (pre)
                package_hook(&package->manifest.pre_deploy, pre);
        if (post)
                package_hook(&package->manifest.post_deploy, post);
        /* strict order of paths */
        Ghost__Entry *version_entry = package->entries[0];
        package->entries[0] = package->entries[1];
        package->entries[1] = package->entries[2];
        package->entries[2] = version_entry;
        text_clear(&package->content);
        text_append(&package->content, "hello\n");
        text_append(&package->content, version);
        package_seal(package, lab->controller->key);
        for (int i = 0; i < FAKE_PACKAGES; i++) {
                if (!lab->controller->packages[i]) {
                        lab->controller->packages[i] = package;
                        return package;
                }
        }
        fail();
        return NULL;
}

PLAYED char *order_deploy_checked(
        Lab *lab, const PackageMaker *package, bool forge, Ghost__HealthCheck *health) {
        Ghost__Order order = GHOST__ORDER__INIT;
        Ghost__DeployModule deploy = GHOST__DEPLOY_MODULE__INIT;
        char *task_id = xasprintf("task-%u", ++lab->orders);

        deploy.module = (char *) "web";
        deploy.manifest_sha256 = package->sha256;
        deploy.keep_releases = 2;
        deploy.hook_timeout_ms = 20000;
        deploy.health = health;
        order.task_id = task_id;
        order.agent_id = lab->controller->agent_id;
        order.job_id = (char *) "job";
        order.issued_us = clock_now_us();
        order.expires_us = order.issued_us + 3600000000;
        order.timeout_ms = 30000;
        order.action_case = GHOST__ORDER__ACTION_DEPLOY_MODULE;
        order.deploy_module = &deploy;
        fake_order(lab->controller, &order, forge);
        return task_id;
}

PLAYED char *order_deploy(Lab *lab, const PackageMaker *package, bool forge) {
        return order_deploy_checked(lab, package, forge, NULL);
}

PLAYED Ghost__Receipt *deploy(Lab *lab, const PackageMaker *package) {
        CLEANUP(free) char *task_id = order_deploy(lab, package, false);
        Ghost__Receipt *receipt = NULL;

        fake_until(lab->controller, (receipt = fake_receipt_of(lab->controller, task_id)));
        return receipt;
}

PLAYED void assert_deployed(Lab *lab, const PackageMaker *package) {
        Ghost__Receipt *receipt = deploy(lab, package);

        if (!receipt->ok)
                fail_msg("deploy: %s", receipt->message);
        assert_string_equal(receipt->modules[0]->manifest_sha256, package->sha256);
}

PLAYED PackageMaker *two_files(Lab *lab, int at, const char *small, const char *noise, size_t length) {
        PackageMaker *package = package_new("web", "/srv/web", small);

        package_add_file(package, "noise", noise, length);
        package_add_text(package, "small", small);
        package_seal(package, lab->controller->key);
        lab->controller->packages[at] = package;
        return package;
}

/* The hook tells where it is by a file, and waits. */
PLAYED char *blocking_hook(const Lab *lab, const char *name) {
        return xasprintf(
                "#!/bin/sh\necho %s of $GHOST_MODULE_REV\ntest $GHOST_MODULE_REV = v1 && exit 0\n"
                "touch %s/at_%s; exec sleep 60\n",
                name, lab->folder, name);
}

#define LAB_TEST(test) cmocka_unit_test_setup_teardown(test, lab_set_up, lab_tear_down)
