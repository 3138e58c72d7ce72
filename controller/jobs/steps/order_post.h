/* The last step of an order on its way to an agent: packed, signed, put on the task board. */
#pragma once

#include "base/crypto.h"
#include "jobs/task_board.h"

typedef struct OrderPost {
        TaskBoard *board;
        const SigningKey *release_key;
        const char *task_id, *agent_id;
        const char *log_id;  /* whose log takes the output: of a job, or of an instance's document */
        int64_t timeout_ms;  /* on the instance */
        int64_t lifetime_ms; /* not begun after that */
} OrderPost;

/* The board copies; it sends when the agent is there. */
void order_post(const OrderPost *post, Ghost__Order *order);
