/* Clients made with the Go SDK of the original, the Terraform provider among them: recognised as contract 1.6
 * says, by Go's own user agent and no Accept. */
#pragma once

#include "http/request.h"

bool go_sdk_asks(const Request *request);
