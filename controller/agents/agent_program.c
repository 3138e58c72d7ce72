#include "agents/agent_program.h"

#include <string.h>

#include "base/crypto.h"
#include "base/file.h"
#include "base/memory.h"

enum { MAX_BYTES = 256 << 20 };

bool agent_program_describe(const AgentProgram *program, char **ret_url, char **ret_sha256, Error **err) {
        CLEANUP(free) char *content = NULL;
        size_t length = 0, end = strlen(program->url);

        if (!file_read(program->path, MAX_BYTES, &content, &length, err))
                return error_prefix(err, "agent.program");
        while (end > 0 && program->url[end - 1] == '/')
                end--;
        *ret_sha256 = crypto_sha256_hex(content, length);
        *ret_url = xasprintf("%.*s/agent/ghost-agent", (int) end, program->url);
        return true;
}
