import { useState } from "preact/hooks";

import { api, may, type Page, query } from "~/api/client";
import { useQuery, watching } from "~/api/use_query";
import { Badge } from "~/parts/Badge";
import { Button, ButtonLink } from "~/parts/Button";
import { Card } from "~/parts/Card";
import { CopyText } from "~/parts/CopyText";
import { Confirm } from "~/parts/Dialog";
import { Icon } from "~/parts/Icon";
import { Empty, Failure, Loading } from "~/parts/Notice";
import { PageHead } from "~/parts/PageHead";
import { Pager } from "~/parts/Pager";
import { Table } from "~/parts/Table";
import { useFilters } from "~/parts/useFilters";

import { appWords, embedded } from "../deployments/deployment";
import { addressOf, type Webhook } from "./webhook";

export default function WebhookList() {
    const [{ page }, set] = useFilters("page");
    const webhooks = useQuery<Page<Webhook>>(query("/webhooks", { embedded: { app_id: 1 }, sort: "-_created", max_results: 50, page: page || 1 }), watching("webhooks", "apps"));
    const [leaving, setLeaving] = useState<Webhook>();
    const add = may("operator") && (
        <ButtonLink look="primary" href="/web/webhooks/new">
            <Icon name="plus" size={16} /> New webhook
        </ButtonLink>
    );

    return (
        <>
            <PageHead
                title="Webhooks"
                actions={
                    <>
                        <ButtonLink href="/web/webhooks/invocations">All invocations</ButtonLink>
                        {add}
                    </>
                }
            >
                What GitHub, GitLab or Bitbucket call when code changes, so that it is deployed by itself
            </PageHead>
            <Failure error={webhooks.error} retry={webhooks.reload} />
            <Card flush>
                {!webhooks.data ? (
                    <Loading what="webhooks" />
                ) : webhooks.data._items.length === 0 ? (
                    <Empty title="No webhooks yet" action={add}>
                        A webhook says which pushes of a module's repository start a deploy. Make one here, then give its address and secret to the repository's settings.
                    </Empty>
                ) : (
                    <>
                        <Table
                            label="Webhooks"
                            rows={webhooks.data._items}
                            rowKey={(one) => one._id}
                            columns={[
                                { title: "Application", cell: (one) => <AppOf webhook={one} /> },
                                { title: "Module", cell: (one) => one.module ?? <span class="dim">any</span> },
                                { title: "On", cell: (one) => one.events?.join(", ") },
                                { title: "Revision", cell: (one) => <code>{one.rev}</code> },
                                { title: "Runs", cell: (one) => one.commands?.join(", ") },
                                { title: "Address", cell: (one) => <CopyText text={addressOf(one._id, location.origin)} what="the webhook's address" /> },
                                { title: "Secret", cell: (one) => (one.secret_token_set ? <Badge tone="good">set</Badge> : <Badge tone="warn">none</Badge>) },
                                {
                                    title: "Actions",
                                    untitled: true,
                                    right: true,
                                    cell: (one) => (
                                        <span class="buttons">
                                            <ButtonLink look="small" href={`/web/webhooks/${one._id}/invocations`}>
                                                Invocations
                                            </ButtonLink>
                                            {may("operator") && (
                                                <>
                                                    <ButtonLink look="small" href={`/web/webhooks/${one._id}/edit`}>
                                                        Edit
                                                    </ButtonLink>
                                                    <Button look={["small", "danger"]} onClick={() => setLeaving(one)}>
                                                        Delete
                                                    </Button>
                                                </>
                                            )}
                                        </span>
                                    ),
                                },
                            ]}
                        />
                        <Pager meta={webhooks.data._meta} what="webhooks" onPage={(to) => set({ page: String(to) })} />
                    </>
                )}
            </Card>
            {leaving && (
                <Confirm
                    title="Delete this webhook?"
                    yes="Delete it"
                    danger
                    onClose={() => setLeaving(undefined)}
                    onYes={async () => {
                        await api.remove(`/webhooks/${leaving._id}`, leaving._etag);
                        webhooks.reload();
                    }}
                >
                    <p>
                        What calls {addressOf(leaving._id, location.origin)} is refused from then on. Its invocations go with it; jobs that it started stay.
                    </p>
                </Confirm>
            )}
        </>
    );
}

function AppOf({ webhook }: { webhook: Webhook }) {
    const app = embedded(webhook.app_id);
    const known = app?.modules as { name?: string }[] | undefined;
    if (!app) return <Badge tone="bad">application is gone</Badge>;
    return (
        <span class="buttons">
            <a href={`/web/apps/${app._id}`}>{appWords(app)}</a>
            {webhook.module && known && !known.some((module) => module.name === webhook.module) && <Badge tone="bad">no such module</Badge>}
        </span>
    );
}
