#include "jobs/steps/order_post.h"

#include <stdlib.h>

#include "base/memory.h"
#include "package/signing.h"

void order_post(const OrderPost *post, Ghost__Order *order) {
        uint8_t signature[ED25519_SIGNATURE_BYTES];
        Ghost__Task message = GHOST__TASK__INIT;

        order->task_id = (char *) post->task_id;
        order->agent_id = (char *) post->agent_id;
        order->job_id = (char *) post->log_id;
        order->issued_us = clock_now_us();
        order->expires_us = order->issued_us + post->lifetime_ms * 1000;
        order->timeout_ms = (uint32_t) (post->timeout_ms > UINT32_MAX ? UINT32_MAX : post->timeout_ms);
        size_t length = ghost__order__get_packed_size(order);
        CLEANUP(free) uint8_t *bytes = xcalloc(1, length + 1);
        ghost__order__pack(order, bytes);
        order_sign(post->release_key, bytes, length, signature);
        message.order = (ProtobufCBinaryData){ length, bytes };
        message.signature = (ProtobufCBinaryData){ sizeof(signature), signature };
        task_board_add(post->board, post->task_id, post->agent_id, post->log_id, &message);
}
