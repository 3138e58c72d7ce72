#include <stdlib.h>

#include "aws/ec2_wait_parts.h"
#include "base/memory.h"

enum { TOLD_STEP = 10 }; /* percent between two lines about the same snapshots */

typedef struct ImageWait {
        AwsSession *session;
        const Ec2Wait *wait;
        char *last;       /* what was said */
        int told_percent; /* the one that was said */
        int percent;      /* the largest so far; -1: none is known */
        Deadline stall;
} ImageWait;

static void image_wait_clearp(ImageWait *look) {
        free(look->last);
}

/* Of all snapshots of the image together; -1 when nothing is known of them. While an image is pending it may
 * not name them yet: its job's tag does. */
static int snapshots_percent(AwsSession *session, const Ec2Image *image) {
        CLEANUP(ec2_filters_clear) Ec2Filters filters = { 0 };
        CLEANUP(ec2_snapshots_clear) Ec2Snapshots snapshots = { 0 };
        CLEANUP(error_free) Error *ignored = NULL;
        const char *job = ec2_tags_value(&image->tags, "ghost:job");
        long sum = 0;

        for (size_t i = 0; i < image->snapshot_ids.count; i++)
                ec2_filters_add(&filters, "snapshot-id", image->snapshot_ids.items[i]);
        if (filters.count == 0 && job)
                ec2_filters_add_tag(&filters, "ghost:job", job);
        if (filters.count == 0 || !ec2_describe_own_snapshots(session, &filters, &snapshots, &ignored) ||
            snapshots.count == 0)
                return -1;
        for (size_t i = 0; i < snapshots.count; i++) {
                long percent = strtol(snapshots.items[i].progress, NULL, 10);

                sum += text_equal(snapshots.items[i].state, "completed") ? 100 : percent;
        }
        return (int) (sum / (long) snapshots.count);
}

/* "image ami-1 is pending (snapshot 37%)", for every tenth. */
static void tell_progress(ImageWait *look, const Ec2Image *image) {
        bool pending = !text_equal(image->state, "available");

        if (pending && look->percent >= 0 && look->percent / TOLD_STEP > look->told_percent / TOLD_STEP)
                look->told_percent = look->percent;
        if (pending && look->told_percent > 0)
                ec2_wait_tell(
                        look->wait, &look->last,
                        xasprintf(
                                "image %s is %s (snapshot %d%%)", image->id, image->state,
                                look->told_percent));
        else
                ec2_wait_tell(look->wait, &look->last, xasprintf("image %s is %s", image->id, image->state));
}

static void note_progress(ImageWait *look, const Ec2Image *image) {
        int percent = text_equal(image->state, "available") ? 100 : snapshots_percent(look->session, image);

        if (percent > look->percent) {
                look->percent = percent;
                look->stall = deadline_after_ms(look->wait->stall_ms);
                if (look->wait->moved)
                        look->wait->moved(look->wait->context);
        }
        tell_progress(look, image);
}

static bool judge_image(const Ec2Image *image, Error **err) {
        static const char *const dead[] = { "failed", "error", "invalid", "deregistered", "disabled" };

        for (size_t i = 0; i < sizeof(dead) / sizeof(dead[0]); i++)
                if (text_equal(image->state, dead[i]))
                        return error_set(
                                err, ERROR_CONFLICT, "image %s is %s%s%s%s%s", image->id, image->state,
                                *image->state_reason_code ? ": " : "", image->state_reason_code,
                                *image->state_reason ? ": " : "", image->state_reason);
        return true;
}

static bool check_stall(const ImageWait *look, const char *id, Error **err) {
        long long minutes = look->wait->stall_ms / 60000;

        if (look->wait->stall_ms == 0 || !deadline_passed(look->stall))
                return true;
        if (look->percent < 0)
                return error_set(err, ERROR_TIMEOUT, "image %s: no progress for %lld min", id, minutes);
        return error_set(
                err, ERROR_TIMEOUT, "image %s: no progress for %lld min, its snapshots are at %d%%", id,
                minutes, look->percent);
}

bool ec2_wait_image(AwsSession *session, const char *id, const Ec2Wait *wait, Ec2Image *ret, Error **err) {
        Deadline visible = ec2_wait_visible(wait);
        CLEANUP(image_wait_clear)
        ImageWait look = {
                .session = session, .wait = wait, .percent = -1, .stall = deadline_after_ms(wait->stall_ms)
        };

        if (wait->moved)
                wait->moved(wait->context);
        for (;;) {
                CLEANUP(ec2_image_clear) Ec2Image image = { 0 };
                CLEANUP(error_free) Error *error = NULL;

                if (ec2_describe_image(session, id, &image, &error)) {
                        visible = ec2_wait_visible(wait);
                        note_progress(&look, &image);
                        if (text_equal(image.state, "available")) {
                                *ret = image;
                                image = (Ec2Image){ 0 };
                                return true;
                        }
                        if (!judge_image(&image, err) || !check_stall(&look, id, err))
                                return false;
                } else if (error_kind(error) != ERROR_NOT_FOUND || deadline_passed(visible)) {
                        *err = TAKE(error);
                        return false;
                }
                if (!ec2_wait_pause(session, err))
                        return error_prefix(err, "waiting for image %s", id);
        }
}
