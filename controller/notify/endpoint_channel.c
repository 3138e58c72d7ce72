/* What instances do, as Cloud Deploy's instances told it themselves: {"status": "starting", "hostname": …,
 * "zabbixname": …}, at the end with "return_code". A release that is brought to an instance and a new
 * instance that is set up are told alike. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "notify/json_post.h"

typedef struct EndpointChannel {
        Channel base;
        char *url, *host;
        HttpClient *client;
} EndpointChannel;

static void add_recipients(
        const Channel *channel, const Document *event, const JobNews *news, StringList *ret) {
        const EndpointChannel *self = (const EndpointChannel *) channel;

        (void) event, (void) news;
        string_list_add(ret, self->host);
}

static bool send(Channel *channel, const Notice *notice, Error **err) {
        EndpointChannel *self = (EndpointChannel *) channel;
        const Document *instance = document_get(notice->event, "instance");
        const Document *return_code = document_get(instance, "return_code");
        CLEANUP(document_free) Document *said = document_object();

        document_set_string(said, "status", document_get_string(instance, "status"));
        document_set_string(said, "hostname", document_get_string(instance, "host_name"));
        document_set_string(said, "zabbixname", document_get_string(instance, "host_name"));
        if (return_code)
                document_set(said, "return_code", document_copy(return_code));
        CLEANUP(free) char *body = document_text(said);
        return json_post(self->client, self->url, NULL, body, notice, err);
}

static void free_channel(Channel *channel) {
        EndpointChannel *self = (EndpointChannel *) channel;

        http_client_free(self->client);
        free(self->url);
        free(self->host);
        free(self);
}

static const ChannelDriver driver = { .add_recipients = add_recipients, .send = send, .free = free_channel };

Channel *endpoint_channel_new(const EndpointSpec *spec) {
        EndpointChannel *self = xcalloc(1, sizeof(*self));

        self->base = (Channel){ .driver = &driver, .name = "endpoint", .of_instances = true };
        self->url = xstrdup(spec->url);
        self->host = json_post_host(spec->url);
        self->client = http_client_new(&(HttpClientOptions){ .ca_file = spec->ca_file });
        return &self->base;
}
