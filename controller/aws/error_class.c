/* AWS error codes, sorted by what to do about them. */
#include <string.h>

#include "aws/request.h"

static const struct {
        const char *code;
        AwsErrorClass class;
} classes[] = {
        { "RequestLimitExceeded", AWS_ERROR_THROTTLED },
        { "EC2ThrottledException", AWS_ERROR_THROTTLED },
        { "Throttling", AWS_ERROR_THROTTLED },
        { "ThrottlingException", AWS_ERROR_THROTTLED },
        { "ThrottledException", AWS_ERROR_THROTTLED },
        { "RequestThrottled", AWS_ERROR_THROTTLED },
        { "RequestThrottledException", AWS_ERROR_THROTTLED },
        { "TooManyRequestsException", AWS_ERROR_THROTTLED },
        { "SlowDown", AWS_ERROR_THROTTLED },
        { "BandwidthLimitExceeded", AWS_ERROR_THROTTLED },
        { "LimitExceededException", AWS_ERROR_THROTTLED },
        { "ProvisionedThroughputExceededException", AWS_ERROR_THROTTLED },
        { "PriorRequestNotComplete", AWS_ERROR_THROTTLED },
        { "InternalError", AWS_ERROR_TRANSIENT },
        { "InternalFailure", AWS_ERROR_TRANSIENT },
        { "ServiceUnavailable", AWS_ERROR_TRANSIENT },
        { "Unavailable", AWS_ERROR_TRANSIENT },
        { "RequestTimeout", AWS_ERROR_TRANSIENT },
        { "ResourceContention", AWS_ERROR_TRANSIENT },
        { "HealthUnavailable", AWS_ERROR_TRANSIENT },
        { "DependencyThrottle", AWS_ERROR_TRANSIENT },
        { "BadDigest", AWS_ERROR_TRANSIENT },
        { "XAmzContentChecksumMismatch", AWS_ERROR_TRANSIENT },
        { "ConditionalRequestConflict", AWS_ERROR_TRANSIENT },
        { "OperationAborted", AWS_ERROR_TRANSIENT },
        { "ExpiredToken", AWS_ERROR_CREDENTIALS },
        { "ExpiredTokenException", AWS_ERROR_CREDENTIALS },
        { "InvalidClientTokenId", AWS_ERROR_CREDENTIALS },
        { "UnrecognizedClientException", AWS_ERROR_CREDENTIALS },
        { "AuthFailure", AWS_ERROR_CREDENTIALS },
        { "InvalidAccessKeyId", AWS_ERROR_CREDENTIALS },
        { "InvalidToken", AWS_ERROR_CREDENTIALS },
        { "RequestExpired", AWS_ERROR_CLOCK },
        { "SignatureDoesNotMatch", AWS_ERROR_CLOCK },
        { "InvalidSignatureException", AWS_ERROR_CLOCK },
        { "RequestTimeTooSkewed", AWS_ERROR_CLOCK },
        { "IncompleteSignature", AWS_ERROR_CLOCK },
        { "UnauthorizedOperation", AWS_ERROR_PERMISSION },
        { "AccessDenied", AWS_ERROR_PERMISSION },
        { "AccessDeniedException", AWS_ERROR_PERMISSION },
        { "OptInRequired", AWS_ERROR_PERMISSION },
        { "Blocked", AWS_ERROR_PERMISSION },
        { "PendingVerification", AWS_ERROR_PERMISSION },
        { "InvalidAMIID.Unavailable", AWS_ERROR_NOT_FOUND },
        { "NoSuchKey", AWS_ERROR_NOT_FOUND },
        { "NoSuchBucket", AWS_ERROR_NOT_FOUND },
        { "NoSuchVersion", AWS_ERROR_NOT_FOUND },
        { "NoSuchEntity", AWS_ERROR_NOT_FOUND },
        { "ParameterNotFound", AWS_ERROR_NOT_FOUND },
        { "InsufficientInstanceCapacity", AWS_ERROR_CAPACITY },
        { "InsufficientHostCapacity", AWS_ERROR_CAPACITY },
        { "Unsupported", AWS_ERROR_CAPACITY },
        { "SpotMaxPriceTooLow", AWS_ERROR_CAPACITY },
        { "MaxSpotInstanceCountExceeded", AWS_ERROR_CAPACITY },
        { "InsufficientFreeAddressesInSubnet", AWS_ERROR_CAPACITY },
        { "InstanceLimitExceeded", AWS_ERROR_QUOTA },
        { "VcpuLimitExceeded", AWS_ERROR_QUOTA },
        { "VolumeLimitExceeded", AWS_ERROR_QUOTA },
        { "SnapshotLimitExceeded", AWS_ERROR_QUOTA },
        { "ResourceLimitExceeded", AWS_ERROR_QUOTA },
        { "ConcurrentSnapshotLimitExceeded", AWS_ERROR_QUOTA },
        { "IncorrectInstanceState", AWS_ERROR_STATE },
        { "IncorrectState", AWS_ERROR_STATE },
        { "InvalidSnapshot.InUse", AWS_ERROR_STATE },
        { "ResourceInUse", AWS_ERROR_STATE },
        { "VolumeInUse", AWS_ERROR_STATE },
        { "ScalingActivityInProgress", AWS_ERROR_STATE },
        { "InstanceRefreshInProgress", AWS_ERROR_STATE },
        { "OperationNotPermitted", AWS_ERROR_STATE },
        { "InvalidObjectState", AWS_ERROR_STATE },
        { "PreconditionFailed", AWS_ERROR_DUPLICATE },
        { "IdempotentParameterMismatch", AWS_ERROR_DUPLICATE },
        { "InvalidAMIName.Duplicate", AWS_ERROR_DUPLICATE },
        { "AlreadyExists", AWS_ERROR_DUPLICATE },
        { "DuplicateTargetGroupName", AWS_ERROR_DUPLICATE },
};

const char *aws_error_class_word(AwsErrorClass class) {
        static const char *const words[AWS_ERROR_CLASS_COUNT] = {
                [AWS_ERROR_NONE] = "none",           [AWS_ERROR_THROTTLED] = "throttled",
                [AWS_ERROR_TRANSIENT] = "transient", [AWS_ERROR_CREDENTIALS] = "credentials",
                [AWS_ERROR_CLOCK] = "clock",         [AWS_ERROR_PERMISSION] = "permission",
                [AWS_ERROR_NOT_FOUND] = "not_found", [AWS_ERROR_CAPACITY] = "capacity",
                [AWS_ERROR_QUOTA] = "quota",         [AWS_ERROR_STATE] = "state",
                [AWS_ERROR_DUPLICATE] = "duplicate", [AWS_ERROR_CALLER] = "caller",
        };

        return words[class];
}

AwsErrorClass aws_classify(const char *code, int status) {
        for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
                if (text_equal(classes[i].code, code))
                        return classes[i].class;
        if (text_ends_with(code, ".NotFound") || text_ends_with(code, ".VersionNotFound") ||
            text_ends_with(code, "NotFoundException") || text_equal(code, "TargetGroupNotFound"))
                return AWS_ERROR_NOT_FOUND;
        if (text_ends_with(code, "AlreadyExistsException"))
                return AWS_ERROR_DUPLICATE;
        if (status == 404 && !*code) /* of HEAD, which has no body */
                return AWS_ERROR_NOT_FOUND;
        if (status == 412 && !*code)
                return AWS_ERROR_DUPLICATE;
        if (status == 429)
                return AWS_ERROR_THROTTLED;
        if (status == 0 || status >= 500)
                return AWS_ERROR_TRANSIENT;
        return status == 401 || status == 403 ? AWS_ERROR_PERMISSION : AWS_ERROR_CALLER;
}

ErrorKind aws_error_kind(AwsErrorClass class) {
        switch (class) {
        case AWS_ERROR_THROTTLED:
        case AWS_ERROR_TRANSIENT:
        case AWS_ERROR_CAPACITY:
                return ERROR_UNAVAILABLE;
        case AWS_ERROR_CREDENTIALS:
        case AWS_ERROR_CLOCK:
        case AWS_ERROR_PERMISSION:
                return ERROR_FORBIDDEN;
        case AWS_ERROR_NOT_FOUND:
                return ERROR_NOT_FOUND;
        case AWS_ERROR_QUOTA:
        case AWS_ERROR_STATE:
        case AWS_ERROR_DUPLICATE:
                return ERROR_CONFLICT;
        case AWS_ERROR_CALLER:
                return ERROR_INVALID;
        case AWS_ERROR_NONE:
        case AWS_ERROR_CLASS_COUNT:
                break;
        }
        return ERROR_INTERNAL;
}
