#include "aws/ec2_image_users.h"

#include "aws/autoscaling_launches.h"
#include "aws/ec2_form.h"
#include "base/memory.h"

static void add_image(void *context, const Xml *version) {
        const char *image = xml_text(version, "launchTemplateData/imageId");

        if (!text_empty(image))
                string_list_add(context, image);
}

/* Two versions may have one image, and two templates one version number: none is taken for another. */
static Ec2Pages versions(const AwsForm *form, StringList *images) {
        return (Ec2Pages){ "DescribeLaunchTemplateVersions",
                           form,
                           false,
                           "launchTemplateVersionSet/item",
                           NULL,
                           add_image,
                           images };
}

/* Those that a launch without a version takes. */
static bool add_current_versions(AwsSession *session, StringList *images, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        const Ec2Pages pages = versions(&form, images);

        form_add(&form, "$Latest", "LaunchTemplateVersion.1");
        form_add(&form, "$Default", "LaunchTemplateVersion.2");
        return ec2_read_pages(session, &pages, err);
}

static bool add_used_versions(
        AwsSession *session, const AsgLaunches *launches, StringList *images, Error **err) {
        for (size_t i = 0; i + 1 < launches->templates.count; i += 2) {
                CLEANUP(form_clear) AwsForm form = { 0 };
                CLEANUP(error_free) Error *error = NULL;
                const Ec2Pages pages = versions(&form, images);

                form_add(&form, launches->templates.items[i], "LaunchTemplateId");
                form_add(&form, launches->templates.items[i + 1], "LaunchTemplateVersion.1");
                /* A version that is gone launches nothing any more. */
                if (!ec2_read_pages(session, &pages, &error) &&
                    session->failure.class != AWS_ERROR_NOT_FOUND) {
                        *err = TAKE(error);
                        return false;
                }
        }
        return true;
}

bool ec2_find_image_users(AwsSession *session, StringList *ret_image_ids, Error **err) {
        CLEANUP(asg_launches_clear) AsgLaunches launches = { 0 };
        CLEANUP(string_list_clear) StringList images = { 0 };

        if (!add_current_versions(session, &images, err) || !asg_find_launches(session, &launches, err) ||
            !add_used_versions(session, &launches, &images, err) ||
            !asg_add_configuration_images(session, &launches, &images, err))
                return false;
        *ret_image_ids = images;
        images = (StringList){ 0 };
        return true;
}
