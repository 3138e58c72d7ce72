#include "harness/ghost_test.h"
#include "harness/temp_folder.h"

#include "editor.h"

static char *folder;

/* With EDITOR as given and TMPDIR in the test's folder. */
static void with_editor(const char *editor, void (*check)(EditedFile *file)) {
        CLEANUP(free) char *temporary = xasprintf("TMPDIR=%s", folder);
        CLEANUP(free) char *variable = xasprintf("EDITOR=%s", editor);
        char *mine[] = { temporary, variable, (char *) "VISUAL=", (char *) "PATH=/usr/bin:/bin", NULL };
        CLEANUP(edited_file_clear) EditedFile file = { 0 };
        char **saved = environ;

        environ = mine;
        assert_ok(edited_file_make("before\n", &file, err));
        check(&file);
        environ = saved;
}

static void assert_edited(EditedFile *file) {
        CLEANUP(free) char *content = NULL;
        size_t length = 0;
        struct stat status;

        assert_ok(edited_file_open(file, err));
        assert_ok(file_read(file->path, 1024, &content, &length, err));
        assert_string_equal(content, "after\n");
        assert_int_equal(stat(file->path, &status), 0);
        assert_int_equal(status.st_mode & 0777, 0600);
}

static void assert_failed(EditedFile *file) {
        assert_fails(
                ERROR_INVALID, "the editor 'false' did not end well; nothing was changed",
                edited_file_open(file, err));
}

static void keep(EditedFile *file) {
        file->kept = true;
}

static void the_editor_changes_a_private_file(void **state) {
        (void) state;
        folder = temp_folder();
        with_editor("sed -i s/before/after/", assert_edited);
        with_editor("false", assert_failed);
        assert_int_equal(rmdir(folder), 0); /* nothing was left */
        free(folder);
}

static void a_kept_file_stays(void **state) {
        (void) state;
        folder = temp_folder();
        with_editor("true", keep);
        assert_int_not_equal(rmdir(folder), 0);
        temp_remove(folder);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_editor_changes_a_private_file),
                cmocka_unit_test(a_kept_file_stays),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
