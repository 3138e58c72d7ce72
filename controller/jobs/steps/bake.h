/* Baking: from a source image to a new one, by way of a builder instance that lives only for that. */
#pragma once

#include "jobs/steps/provision.h"

typedef struct BakeSpec {
        const Ec2App *app; /* its image_id is the source */
        const ImageContent *content;
        const Ec2BlockDevice *more_volumes; /* of the image, beside those of the builder */
        size_t more_volume_count;
        bool spot;                  /* the builder; on demand when there is none, or when it is taken away */
        const char *spot_max_price; /* NULL: the price on demand */
        int64_t lifetime_ms;        /* of the builder, should nobody end it */
} BakeSpec;

typedef struct BakedImage {
        char *id;
        char *name;
} BakedImage;
void baked_image_clear(BakedImage *image);
static inline void baked_image_clearp(BakedImage *image) {
        baked_image_clear(image);
}

/* Can be run again after the controller died at any point. When it fails or is cancelled, nothing of the job
 * stays in EC2; when the controller is stopping, everything stays for the next run. */
bool bake_image(Ec2Work *work, const BakeSpec *spec, BakedImage *ret, Error **err);

/* The end of the console of the instance this job launched, into the job's log: what is known of one whose
 * agent never came. */
void bake_log_console(Ec2Work *work);
