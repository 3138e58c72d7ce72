/* Installing into the root of an image. What systemctl is told is tested with whole programs: static_agent.
 */
#include "harness/ghost_test.h"

#include <sys/stat.h>

#include "harness/temp_folder.h"
#include "harness/text_assertions.h"
#include "install.h"

#define UNIT "root/etc/systemd/system/ghost-agent.service"
#define WANTS "root/etc/systemd/system/multi-user.target.wants/ghost-agent.service"
#define CONFIG "root/etc/ghost/agent.conf"
#define PROGRAM "root/usr/local/bin/ghost-agent"

typedef struct Image {
        char *folder, *program;
        InstallOptions options;
} Image;

static void image_init(Image *image, const char *setting) {
        image->folder = temp_folder();
        image->program = xasprintf("%s/ghost-agent", image->folder);
        image->options = (InstallOptions){ .root = xasprintf("%s/root", image->folder) };
        assert_ok(file_make_folders(image->options.root, 0755, err));
        temp_write(image->folder, "ghost-agent", "the program");
        string_list_add(&image->options.settings, setting);
}

static void image_clear(Image *image) {
        install_options_clear(&image->options);
        free(image->program);
        temp_remove(image->folder);
}

static char *install(const Image *image) {
        Text report = { 0 };

        assert_ok(install_agent(&image->options, image->program, &report, err));
        return text_take(&report);
}

static unsigned mode_of(const char *folder, const char *name) {
        CLEANUP(free) char *path = xasprintf("%s/%s", folder, name);
        struct stat status;

        assert_int_equal(stat(path, &status), 0);
        return status.st_mode & 07777;
}

static void an_image_gets_program_configuration_and_unit(void **state) {
        Image image = { 0 };
        char target[256] = "";

        (void) state;
        image_init(&image, "token=secret");
        CLEANUP(free) char *report = install(&image);
        assert_has(report, "/root/usr/local/bin/ghost-agent\n");
        assert_has(report, "enabled ghost-agent.service\n");
        assert_content(image.folder, PROGRAM, "the program");
        assert_int_equal(mode_of(image.folder, PROGRAM), 0755);
        CLEANUP(free) char *config = temp_read(image.folder, CONFIG), *unit = temp_read(image.folder, UNIT);
        assert_has(config, "\ntoken = secret\n");
        assert_int_equal(mode_of(image.folder, CONFIG), 0600);
        assert_has(unit, "\nExecStart=/usr/local/bin/ghost-agent");
        assert_has_not(unit, "/usr/bin/ghost-agent");
        CLEANUP(free) char *link = xasprintf("%s/" WANTS, image.folder);
        assert_true(readlink(link, target, sizeof(target) - 1) > 0);
        assert_string_equal(target, "/etc/systemd/system/ghost-agent.service");
        image_clear(&image);
}

static void a_second_time_nothing_is_written(void **state) {
        Image image = { 0 };

        (void) state;
        image_init(&image, "token=secret");
        CLEANUP(free) char *first = install(&image), *second = install(&image);
        assert_has(first, "wrote ");
        assert_has_not(second, "wrote ");
        assert_has_not(second, "enabled ");
        assert_has(second, "agent.conf is there already\n");
        image_clear(&image);
}

static void what_is_there_is_kept_but_for_what_was_said(void **state) {
        Image image = { 0 };

        (void) state;
        image_init(&image, "log_level=debug");
        assert_ok(file_make_folders(image.options.root, 0755, err));
        CLEANUP(free) char *folder = xasprintf("%s/etc/ghost", image.options.root);
        assert_ok(file_make_folders(folder, 0755, err));
        temp_write(image.folder, CONFIG, "# mine\nlog_level = warn\ncontroller = h:1\n");
        free(install(&image));
        assert_content(image.folder, CONFIG, "# mine\nlog_level = debug\ncontroller = h:1\n");
        image_clear(&image);
}

static void a_wrong_setting_leaves_the_image_untouched(void **state) {
        CLEANUP(text_clear) Text report = { 0 };
        CLEANUP(error_free) Error *problem = NULL;
        Image image = { 0 };

        (void) state;
        image_init(&image, "log_lvel=debug");
        assert_false(install_agent(&image.options, image.program, &report, &problem));
        assert_has(error_message(problem), "unknown setting 'log_lvel'; did you mean 'log_level'?");
        assert_null(report.data);
        assert_false(temp_has(image.folder, PROGRAM));
        assert_false(temp_has(image.folder, "root/etc"));
        image_clear(&image);
}

static void a_packages_program_and_unit_stay_where_they_are(void **state) {
        CLEANUP(text_clear) Text report = { 0 };
        Image image = { 0 };
        char target[256] = "";

        (void) state;
        image_init(&image, "controller=h:1");
        CLEANUP(free) char *bin = xasprintf("%s/usr/bin", image.options.root);
        CLEANUP(free) char *units = xasprintf("%s/usr/lib/systemd/system", image.options.root);
        assert_ok(file_make_folders(bin, 0755, err));
        assert_ok(file_make_folders(units, 0755, err));
        temp_write(image.folder, "root/usr/lib/systemd/system/ghost-agent.service", "[Unit]\n");
        temp_write(image.folder, "root/usr/bin/ghost-agent", "the program");
        free(image.program);
        image.program = xasprintf("%s/ghost-agent", bin);
        free(install(&image));
        assert_false(temp_has(image.folder, PROGRAM));
        assert_false(temp_has(image.folder, UNIT));
        CLEANUP(free) char *link = xasprintf("%s/" WANTS, image.folder);
        assert_true(readlink(link, target, sizeof(target) - 1) > 0);
        assert_string_equal(target, "/usr/lib/systemd/system/ghost-agent.service");

        assert_fails(
                ERROR_CONFLICT,
                "this ghost-agent came as a package: remove that (apt-get remove ghost-agent, dnf remove "
                "ghost-agent)",
                uninstall_agent(&image.options, image.program, &report, err));
        image_clear(&image);
}

static void uninstalling_keeps_what_a_purge_removes(void **state) {
        CLEANUP(text_clear) Text report = { 0 };
        Image image = { 0 };

        (void) state;
        image_init(&image, "controller=h:1");
        free(install(&image));
        CLEANUP(free) char *state_folder = xasprintf("%s/var/lib/ghost-agent", image.options.root);
        assert_ok(file_make_folders(state_folder, 0755, err));
        temp_write(image.folder, "root/var/lib/ghost-agent/identity", "who");

        assert_ok(uninstall_agent(&image.options, image.program, &report, err));
        assert_false(temp_has(image.folder, PROGRAM));
        assert_false(temp_has(image.folder, UNIT));
        assert_false(temp_has(image.folder, WANTS));
        assert_true(temp_has(image.folder, CONFIG));
        assert_true(temp_has(image.folder, "root/var/lib/ghost-agent/identity"));

        image.options.purge = true;
        assert_ok(uninstall_agent(&image.options, image.program, &report, err));
        assert_false(temp_has(image.folder, CONFIG));
        assert_false(temp_has(image.folder, "root/var/lib/ghost-agent"));
        assert_ok(uninstall_agent(&image.options, image.program, &report, err));
        image_clear(&image);
}

static void a_purge_leaves_what_is_not_the_agents(void **state) {
        CLEANUP(text_clear) Text report = { 0 };
        Image image = { 0 };

        (void) state;
        image_init(&image, "state_dir=/shared");
        free(install(&image));
        CLEANUP(free) char *shared = xasprintf("%s/shared", image.options.root);
        assert_ok(file_make_folders(shared, 0755, err));
        temp_write(image.folder, "root/shared/identity", "who");
        temp_write(image.folder, "root/shared/others", "theirs");
        image.options.purge = true;
        assert_ok(uninstall_agent(&image.options, image.program, &report, err));
        assert_false(temp_has(image.folder, "root/shared/identity"));
        assert_content(image.folder, "root/shared/others", "theirs");
        image_clear(&image);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_image_gets_program_configuration_and_unit),
                cmocka_unit_test(a_second_time_nothing_is_written),
                cmocka_unit_test(what_is_there_is_kept_but_for_what_was_said),
                cmocka_unit_test(a_wrong_setting_leaves_the_image_untouched),
                cmocka_unit_test(a_packages_program_and_unit_stay_where_they_are),
                cmocka_unit_test(uninstalling_keeps_what_a_purge_removes),
                cmocka_unit_test(a_purge_leaves_what_is_not_the_agents),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
