/* Packets of Socket.IO protocol 4, which travel as the messages of Engine.IO ("4" before them, not here):
 * connect, disconnect and events of text. Source: github.com/socketio/socket.io-protocol, version 4. */
#pragma once

#include "json/document.h"

typedef enum SocketPacketType {
        SOCKET_CONNECT,
        SOCKET_DISCONNECT,
        SOCKET_EVENT,
        SOCKET_OTHER, /* acknowledgements, errors: of no concern here */
} SocketPacketType;

typedef struct SocketPacket {
        SocketPacketType type;
        char *name_space;    /* "/" unless it says otherwise */
        char *acknowledge;   /* digits; NULL: none is wanted */
        char *event;         /* SOCKET_EVENT */
        Document *arguments; /* SOCKET_EVENT: the array behind the event's name */
} SocketPacket;
void socket_packet_clear(SocketPacket *packet);
static inline void socket_packet_clearp(SocketPacket *packet) {
        socket_packet_clear(packet);
}

bool socket_packet_read(const char *text, SocketPacket *ret, Error **err);

/* "2[event,argument]", argument taken. Caller frees. */
char *socket_packet_event(const char *event, Document *argument);
