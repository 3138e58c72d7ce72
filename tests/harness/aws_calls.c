#include "harness/aws_calls.h"

#include "base/text.h"

const AwsCalls *const aws_calls[] = { &aws_calls_ec2,
                                      &aws_calls_images,
                                      &aws_calls_autoscaling,
                                      &aws_calls_groups,
                                      &aws_calls_balancers,
                                      &aws_calls_others,
                                      NULL };

const AwsCall *aws_call_find(const char *service, const char *operation) {
        for (const AwsCalls *const *calls = aws_calls; *calls; calls++)
                for (size_t i = 0; i < (*calls)->count; i++)
                        if (text_equal((*calls)->items[i].service, service) &&
                            text_equal((*calls)->items[i].operation, operation))
                                return &(*calls)->items[i];
        return NULL;
}
