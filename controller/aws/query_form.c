#include "aws/query_form.h"

#include <stdlib.h>

#include "aws/pages.h"
#include "base/memory.h"
#include "net/url.h"

void query_form_add_list(AwsForm *form, const char *name, const StringList *values) {
        for (size_t i = 0; values && i < values->count; i++)
                form_add(form, values->items[i], "%s.member.%zu", name, i + 1);
}

void query_form_set_list(AwsForm *form, const char *name, const StringList *values) {
        if (values && values->count == 0)
                url_append_parameter(&form->body, name, "");
        query_form_add_list(form, name, values);
}

void query_read_list(const Xml *element, const char *name, StringList *ret) {
        const Xml *list = xml_first(element, name);

        for (const Xml *item = xml_first(list, "member"); item; item = xml_next(item, "member")) {
                const char *text = xml_text(item, "");

                if (!text_empty(text))
                        string_list_add(ret, text);
        }
}

bool query_call(
        AwsSession *session, const AwsService *service, const char *action, const AwsForm *form, Xml **ret,
        const Xml **ret_result, Error **err) {
        CLEANUP(free) char *name = xasprintf("%sResult", action);

        if (!aws_call(session, service, action, form, ret, err))
                return false;
        *ret_result = xml_first(*ret, name);
        return true;
}

bool query_do(
        AwsSession *session, const AwsService *service, const char *action, const AwsForm *form,
        Error **err) {
        CLEANUP(xml_free) Xml *answer = NULL;

        return aws_call(session, service, action, form, &answer, err);
}

bool query_read_pages(AwsSession *session, const QueryPages *pages, Error **err) {
        CLEANUP(free) char *token_read = xasprintf("%sResult/%s", pages->action, pages->token_read);
        CLEANUP(free) char *items = xasprintf("%sResult/%s/member", pages->action, pages->list);
        const AwsPages all = { .service = pages->service,
                               .action = pages->action,
                               .form = pages->form,
                               .token_sent = pages->token_sent,
                               .token_read = token_read,
                               .items = items,
                               .key = pages->key,
                               .read = pages->read,
                               .context = pages->context };

        return aws_read_pages(session, &all, err);
}
