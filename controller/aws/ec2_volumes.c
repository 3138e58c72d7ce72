#include "aws/ec2_volumes.h"

#include <stddef.h>

#include "aws/ec2_rows.h"
#include "base/memory.h"

static const Ec2Column columns[] = {
        { "volumeId", offsetof(Ec2Volume, id), EC2_COLUMN_TEXT },
        { "status", offsetof(Ec2Volume, state), EC2_COLUMN_TEXT },
        { "volumeType", offsetof(Ec2Volume, type), EC2_COLUMN_TEXT },
        { "availabilityZone", offsetof(Ec2Volume, zone), EC2_COLUMN_TEXT },
        { "snapshotId", offsetof(Ec2Volume, snapshot_id), EC2_COLUMN_TEXT },
        { "createTime", offsetof(Ec2Volume, created), EC2_COLUMN_TEXT },
        { "size", offsetof(Ec2Volume, size_gib), EC2_COLUMN_INT },
        { "iops", offsetof(Ec2Volume, iops), EC2_COLUMN_INT },
        { "attachmentSet/item/instanceId", offsetof(Ec2Volume, instance_id), EC2_COLUMN_TEXT },
        { "", offsetof(Ec2Volume, tags), EC2_COLUMN_TAGS },
};
static const Ec2Table table = { .set = "volumeSet",
                                .sized = true,
                                .row_size = sizeof(Ec2Volume),
                                .columns = columns,
                                .column_count = sizeof(columns) / sizeof(columns[0]) };

bool ec2_describe_volumes(AwsSession *session, const Ec2Filters *filters, Ec2Volumes *ret, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        Ec2Rows rows = { 0 };

        if (!ec2_filters_check(filters, err))
                return error_prefix(err, "DescribeVolumes");
        ec2_form_add_filters(&form, filters);
        if (!ec2_rows_read(session, "DescribeVolumes", &table, &form, &rows, err))
                return false;
        *ret = (Ec2Volumes){ rows.items, rows.count };
        return true;
}

void ec2_volumes_clear(Ec2Volumes *list) {
        ec2_rows_clear(&table, list->items, list->count);
        *list = (Ec2Volumes){ 0 };
}

bool ec2_delete_volume(AwsSession *session, const char *id, Error **err) {
        return ec2_remove_by_id(session, "DeleteVolume", "VolumeId", id, err);
}
