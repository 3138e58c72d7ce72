/* The agent's real channel: TLS over nng (wire/link.h). */
#pragma once

#include "channel.h"

extern const ChannelDriver wire_channel_driver;
