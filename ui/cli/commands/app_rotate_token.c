/* app rotate-token */
#include "cli_commands.h"

#include <stdio.h>

#include "base/memory.h"
#include "output.h"

static bool run(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(free) char *id = client_find_app(context->client, arguments->words.items[0], err);
        CLEANUP(document_free) Document *answer = NULL;

        if (!id)
                return false;
        CLEANUP(free) char *app = client_path("/apps/", id), *path = xasprintf("%s/group_token", app);
        if (!client_call(context->client, "POST", path, NULL, NULL, &answer, err))
                return false;
        if (context->format != OUTPUT_TABLE)
                return output_document(context, answer, err);
        (void) printf("Group token change OK - ID : %s\n%s\n", id, document_get_string(answer, "next"));
        return true;
}

const CliCommand app_rotate_token_cli = {
        "app rotate-token",
        "APP",
        "Change the token by which what the application's group launches joins",
        NULL,
        run,
        .details =
                "Instances of an Auto Scaling group share a token, which stands in the launch template. The "
                "former one opens nothing any more; run 'ghost updateautoscaling APP' next, which writes "
                "the new one. Instances that run are not touched. For admins.",
};
