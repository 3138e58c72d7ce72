#include "socketio/socket_packet.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { DIGITS_MAX = 12 };

static const char digits[] = "0123456789";

void socket_packet_clear(SocketPacket *packet) {
        free(packet->name_space);
        free(packet->acknowledge);
        free(packet->event);
        document_free(packet->arguments);
        *packet = (SocketPacket){ 0 };
}

/* "/chat," before the rest; the comma is left out where nothing follows. */
static const char *read_name_space(const char *text, SocketPacket *ret) {
        if (*text != '/') {
                ret->name_space = xstrdup("/");
                return text;
        }
        size_t length = strcspn(text, ",");
        ret->name_space = xstrndup(text, length);
        return text + length + (text[length] == ',' ? 1 : 0);
}

static bool read_event(const char *text, SocketPacket *ret, Error **err) {
        size_t count = strspn(text, digits);

        if (count > DIGITS_MAX)
                return error_set(err, ERROR_INVALID, "too long a number");
        if (count > 0)
                ret->acknowledge = xstrndup(text, count);
        CLEANUP(document_free) Document *all = document_parse(text + count, strlen(text + count), err);
        if (!all)
                return false;
        const char *event = document_value(document_at(all, 0));
        if (!document_is_array(all) || !event)
                return error_set(err, ERROR_INVALID, "an event is a list with its name first");
        ret->event = xstrdup(event);
        ret->arguments = document_array();
        for (size_t i = 1; i < document_count(all); i++)
                document_append(ret->arguments, document_copy(document_at(all, i)));
        return true;
}

bool socket_packet_read(const char *text, SocketPacket *ret, Error **err) {
        static const char types[] = "012";

        if (*text < '0' || *text > '6')
                return error_set(err, ERROR_INVALID, "no type of a packet");
        const char *type = strchr(types, *text);
        const char *rest = read_name_space(text + 1, ret);
        ret->type = type ? (SocketPacketType) (type - types) : SOCKET_OTHER;
        return ret->type != SOCKET_EVENT || read_event(rest, ret, err);
}

char *socket_packet_event(const char *event, Document *argument) {
        CLEANUP(document_free) Document *all = document_array();

        document_append(all, document_string(event));
        document_append(all, argument);
        CLEANUP(free) char *text = document_text(all);
        return xasprintf("2%s", text);
}
