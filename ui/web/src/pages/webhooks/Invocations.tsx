import { useRoute } from "preact-iso";
import { useState } from "preact/hooks";

import { type Page, query, type Schemas } from "~/api/client";
import { useQuery, watching } from "~/api/use_query";
import { Badge } from "~/parts/Badge";
import { Button } from "~/parts/Button";
import { Card } from "~/parts/Card";
import { Dialog } from "~/parts/Dialog";
import { Empty, Failure, Loading } from "~/parts/Notice";
import { PageHead } from "~/parts/PageHead";
import { Pager } from "~/parts/Pager";
import { Table } from "~/parts/Table";
import { Ago } from "~/parts/Time";
import { useFilters } from "~/parts/useFilters";

type Invocation = Schemas["Invocation"];

function pretty(payload: string | undefined): string {
    try {
        return JSON.stringify(JSON.parse(payload ?? ""), null, 2);
    } catch {
        return payload ?? "";
    }
}

export default function Invocations() {
    const id = useRoute().params.id;
    const [{ page }, set] = useFilters("page");
    const [shown, setShown] = useState<Invocation>();
    const path = `/webhooks/${id ?? "all"}/invocations`;
    const invocations = useQuery<Page<Invocation>>(query(path, { sort: "-_created", max_results: 25, page: page || 1, projection: { payload: 0 } }), watching("invocations"));
    const payload = useQuery<Invocation>(shown ? `${path}/${shown._id}` : null);

    return (
        <>
            <PageHead title={id ? "Invocations of this webhook" : "Invocations of webhooks"} crumbs={<a href="/web/webhooks">Webhooks</a>} />
            <Failure error={invocations.error} retry={invocations.reload} />
            <Card flush>
                {!invocations.data ? (
                    <Loading what="invocations" />
                ) : invocations.data._items.length === 0 ? (
                    <Empty title="Not called yet">When the repository calls the webhook's address, each call is listed here, with what it brought and what was made of it.</Empty>
                ) : (
                    <>
                        <Table
                            label="Invocations"
                            rows={invocations.data._items}
                            rowKey={(one) => one._id}
                            columns={[
                                { title: "When", cell: (one) => <Ago at={one._created} /> },
                                { title: "From", cell: (one) => one.provider },
                                { title: "Event", cell: (one) => one.event },
                                { title: "Revision", cell: (one) => one.revision },
                                {
                                    title: "Came of it",
                                    cell: (one) => (
                                        <span class="buttons">
                                            <Badge tone={(one.status?.code ?? 500) < 300 ? "good" : "bad"}>{one.status?.code}</Badge>
                                            {one.status?.message}
                                        </span>
                                    ),
                                },
                                { title: "Jobs", cell: (one) => (one.jobs ?? []).map((job) => <a href={`/web/jobs/${String(job)}`} key={String(job)}>job </a>) },
                                {
                                    title: "Actions",
                                    untitled: true,
                                    right: true,
                                    cell: (one) => (
                                        <Button look="small" onClick={() => setShown(one)}>
                                            Payload
                                        </Button>
                                    ),
                                },
                            ]}
                        />
                        <Pager meta={invocations.data._meta} what="invocations" onPage={(to) => set({ page: String(to) })} />
                    </>
                )}
            </Card>
            {shown && (
                <Dialog title="What it brought" wide onClose={() => setShown(undefined)} actions={<Button onClick={() => setShown(undefined)}>Close</Button>}>
                    <Failure error={payload.error} />
                    {payload.data ? (
                        <pre class="payload" tabIndex={0}>
                            {pretty(payload.data.payload)}
                        </pre>
                    ) : (
                        <Loading what="the payload" />
                    )}
                </Dialog>
            )}
        </>
    );
}
