/* Whether the instances that Ghost believes in are still there: one that was terminated behind its back, by
 * hand or by AWS, is marked gone and its agent's identity ends. */
#pragma once

#include "aws/aws.h"
#include "store/store.h"

/* Looks only at instances of applications whose region and role are those of the session. Younger ones than
 * five minutes are believed in whatever EC2 says: it may not show them yet. That one is missing is believed
 * only when it is so several times. *ret_gone: how many were marked.
 */
bool inventory_check(AwsSession *session, Store *store, int64_t now_us, size_t *ret_gone, Error **err);
