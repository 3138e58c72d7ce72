/* An edit of boot hooks and variables is for instances to come once it is taken into use. */
#include "harness/store_case.h"

#include <string.h>

#include "jobs/steps/boot_hooks.h"
#include "jobs/steps/bootstrap_order.h"
#include "store/boot_hook_store.h"

#define APP_ID "0123456789abcdef01234567"

/* "IyEvYmluL3No" is "#!/bin/sh", "ZWRpdGVk" is "edited". */
#define FIRST                                                                                                \
        "{\"_id\":\"" APP_ID "\",\"name\":\"shop\",\"env\":\"prod\",\"role\":\"web\",\"ami\":\"ami-1\","     \
        "\"lifecycle_hooks\":{\"pre_bootstrap\":\"IyEvYmluL3No\"},"                                          \
        "\"env_vars\":[{\"var_key\":\"MINE\",\"var_value\":\"old\"}]}"
#define EDITED                                                                                               \
        "{\"_id\":\"" APP_ID "\",\"name\":\"shop\",\"env\":\"prod\",\"role\":\"web\",\"ami\":\"ami-2\","     \
        "\"lifecycle_hooks\":{\"post_bootstrap\":\"ZWRpdGVk\"},"                                             \
        "\"env_vars\":[{\"var_key\":\"MINE\",\"var_value\":\"new\"},{\"var_key\":\"MORE\"}]}"
#define BARE "{\"_id\":\"" APP_ID "\",\"name\":\"shop\",\"env\":\"prod\",\"role\":\"web\"}"

static void put_app(StoreCase *test) {
        store_put(test->store, COLLECTION_APPS, FIRST);
}

static void assert_script(const Ghost__Script *script, const char *wanted) {
        if (!wanted) {
                assert_null(script);
                return;
        }
        assert_non_null(script);
        assert_int_equal(script->content.len, strlen(wanted));
        assert_memory_equal(script->content.data, wanted, strlen(wanted));
}

static const char *value_of(const BootstrapOrder *bootstrap, const char *name) {
        for (size_t i = 0; i < bootstrap->action.n_environment; i++)
                if (strcmp(bootstrap->action.environment[i]->name, name) == 0)
                        return bootstrap->action.environment[i]->value;
        return NULL;
}

/* What an instance is told when the application is app. */
static void assert_boots(
        StoreCase *test, const char *app, const char *pre, const char *post, const char *mine) {
        CLEANUP(document_free) Document *document = json_of(app);
        CLEANUP(bootstrap_order_clear) BootstrapOrder bootstrap = { 0 };
        const BootstrapOrderSpec spec = {
                .store = test->store, .app = document, .app_id = APP_ID, .private_ip = "10.0.0.1"
        };

        assert_ok(bootstrap_order_build(&spec, &bootstrap, err));
        assert_script(bootstrap.action.pre_bootstrap, pre);
        assert_script(bootstrap.action.post_bootstrap, post);
        const char *value = value_of(&bootstrap, "MINE");
        if (mine)
                assert_string_equal(value, mine);
        else
                assert_null(value);
        assert_string_equal(value_of(&bootstrap, "GHOST_APP"), "shop");
}

static void update(StoreCase *test, const char *app) {
        CLEANUP(document_free) Document *document = json_of(app);

        assert_ok(boot_hooks_update(test->store, APP_ID, document, err));
}

static void an_edit_waits_until_it_is_taken_into_use(void **state) {
        StoreCase *test = *state;

        put_app(test);
        assert_boots(test, FIRST, "#!/bin/sh", NULL, "old"); /* the first bootstrap takes what there is */
        assert_boots(test, EDITED, "#!/bin/sh", NULL, "old");
        update(test, EDITED);
        assert_boots(test, EDITED, NULL, "edited", "new");
        assert_boots(test, FIRST, NULL, "edited", "new");
}

static void it_may_be_taken_into_use_before_the_first_bootstrap(void **state) {
        StoreCase *test = *state;

        put_app(test);
        update(test, FIRST);
        assert_boots(test, EDITED, "#!/bin/sh", NULL, "old");
}

static void what_is_taken_away_goes_as_well_and_what_is_added_waits(void **state) {
        StoreCase *test = *state;

        put_app(test);
        assert_boots(test, BARE, NULL, NULL, NULL);
        assert_boots(test, FIRST, NULL, NULL, NULL);
        update(test, FIRST);
        assert_boots(test, BARE, "#!/bin/sh", NULL, "old");
        update(test, BARE);
        assert_boots(test, FIRST, NULL, NULL, NULL);
}

static void the_rest_of_the_application_is_as_it_is(void **state) {
        StoreCase *test = *state;
        CLEANUP(document_free) Document *edited = json_of(EDITED);
        CLEANUP(document_free) Document *booted = NULL;

        put_app(test);
        update(test, FIRST);
        assert_ok(boot_hooks_apply(test->store, APP_ID, edited, &booted, err));
        assert_string_equal(document_get_string(booted, "ami"), "ami-2");
        assert_string_equal(document_get_string(edited, "lifecycle_hooks.post_bootstrap"), "ZWRpdGVk");
}

static void one_that_is_deleted_meanwhile_leaves_nothing(void **state) {
        StoreCase *test = *state;
        CLEANUP(document_free) Document *kept = NULL;

        assert_boots(test, FIRST, "#!/bin/sh", NULL, "old");
        assert_ok(boot_hook_store_get(test->store, APP_ID, &kept, err));
        assert_null(kept);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                STORE_TEST(an_edit_waits_until_it_is_taken_into_use),
                STORE_TEST(it_may_be_taken_into_use_before_the_first_bootstrap),
                STORE_TEST(what_is_taken_away_goes_as_well_and_what_is_added_waits),
                STORE_TEST(the_rest_of_the_application_is_as_it_is),
                STORE_TEST(one_that_is_deleted_meanwhile_leaves_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
