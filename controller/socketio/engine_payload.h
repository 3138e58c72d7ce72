/* Payloads of Engine.IO protocol 3 over HTTP polling: packets one after another, framed as text
 * ("<length>:<packet>", the length in UTF-16 units) or as bytes (0x00, one byte per decimal digit of the
 * length in bytes, 0xFF, packet). Source: github.com/socketio/engine.io-protocol, version 3, "Payload
 * encoding". */
#pragma once

#include "base/error.h"
#include "base/text.h"

enum { ENGINE_PACKETS_MAX = 64 }; /* in one payload that is read */

/* packet is one text packet: type digit and data. */
void engine_payload_add_text(Text *payload, const char *packet);
void engine_payload_add_bytes(Text *payload, const char *packet);

/* Either form, seen by the first byte. Packets hold no NUL. */
bool engine_payload_read(const char *bytes, size_t length, StringList *ret, Error **err);
