#include "jobs/steps/host_name.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "jobs/steps/job_ec2.h"
#include "jobs/steps/launch_instance.h"

/* A dash and an IPv4 address take 16 of the 64 that Linux allows. */
enum { NAME_MAX_LENGTH = 64 - 16 };

static bool allowed(char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
               (letter >= '0' && letter <= '9');
}

char *host_name_make(const Document *app, const char *private_ip) {
        CLEANUP(ec2_tags_clear) Ec2Tags own = { 0 }, tags = { 0 };
        const Ec2App facts = { .id = document_get_string(app, "_id"),
                               .name = document_get_string(app, "name"),
                               .env = document_get_string(app, "env"),
                               .role = document_get_string(app, "role"),
                               .instance_tags = &own };

        if (text_empty(private_ip))
                return xstrdup("");
        job_ec2_read_tags(app, &own);
        launch_app_tags(&facts, &tags);
        char *name = xasprintf("%.*s-%s", NAME_MAX_LENGTH, ec2_tags_value(&tags, "Name"), private_ip);
        for (char *letter = name; *letter; letter++)
                if (!allowed(*letter))
                        *letter = '-';
        /* It may not begin with a dash. */
        memmove(name, name + strspn(name, "-"), strlen(name + strspn(name, "-")) + 1);
        return name;
}
