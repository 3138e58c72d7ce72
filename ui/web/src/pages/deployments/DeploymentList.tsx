import { type Page, query, may } from "~/api/client";
import { useQuery, watching } from "~/api/use_query";
import { Badge } from "~/parts/Badge";
import { ButtonLink } from "~/parts/Button";
import { Card } from "~/parts/Card";
import { TextField } from "~/parts/Field";
import { Empty, Failure, Loading } from "~/parts/Notice";
import { PageHead } from "~/parts/PageHead";
import { Pager } from "~/parts/Pager";
import { Table } from "~/parts/Table";
import { Ago } from "~/parts/Time";
import { useFilters } from "~/parts/useFilters";

import { matching, type Overview } from "../applications/overview";
import { appWords, type Deployment, embedded, wantedOf, whereOf } from "./deployment";

export default function DeploymentList() {
    const [filter, set] = useFilters("name", "env", "role", "module", "revision", "page");
    const overview = useQuery<Overview>("/overview", watching("apps", "deployments"));
    const wanted = wantedOf(overview.data);
    const byApp = filter.name || filter.env || filter.role;
    const ids = byApp ? matching(overview.data?.apps ?? [], filter).map((app) => app.app_id) : null;
    const where = whereOf(filter, ids);
    const address = query("/deployments", {
        where: Object.keys(where).length ? where : undefined,
        embedded: { app_id: 1, job_id: 1 },
        sort: "-_created",
        max_results: 25,
        page: filter.page || 1,
    });
    const deployments = useQuery<Page<Deployment>>(byApp && !overview.data ? null : address, watching("deployments"));
    const filtered = Object.values({ ...filter, page: "" }).some(Boolean);
    const field = (name: "name" | "env" | "role" | "module" | "revision", label: string) => (
        <TextField label={label} type="search" value={filter[name]} onInput={(value) => set({ [name]: value, page: "" })} />
    );

    return (
        <>
            <PageHead title="Deployments">What was deployed, by whom, and the way back to it</PageHead>
            <div class="filters">
                {field("name", "Application")}
                {field("env", "Environment")}
                {field("role", "Role")}
                {field("module", "Module")}
                {field("revision", "Revision")}
            </div>
            <Failure error={deployments.error} retry={deployments.reload} />
            <Card flush>
                {!deployments.data ? (
                    <Loading what="deployments" />
                ) : deployments.data._items.length === 0 ? (
                    <Empty title={filtered ? "No deployment is like that" : "Nothing was deployed yet"}>
                        {filtered ? "Take a filter away to see more." : "Each deploy of a module leaves a record here, to which one can go back."}
                    </Empty>
                ) : (
                    <>
                        <Table
                            label="Deployments"
                            rows={deployments.data._items}
                            rowKey={(one) => one._id}
                            columns={[
                                {
                                    title: "Application",
                                    cell: (one) => {
                                        const app = embedded(one.app_id);
                                        return app ? <a href={`/web/apps/${app._id}`}>{appWords(app)}</a> : <span class="dim">{appWords(app)}</span>;
                                    },
                                },
                                { title: "Module", cell: (one) => one.module },
                                {
                                    title: "Revision",
                                    cell: (one) => (
                                        <span class="buttons">
                                            <a href={`/web/deployments/${one._id}`}>{one.revision}</a>
                                            {wanted.has(one._id) && <Badge tone="good">wanted now</Badge>}
                                        </span>
                                    ),
                                },
                                {
                                    title: "Commit",
                                    cell: (one) => (
                                        <span>
                                            <code>{one.commit}</code> <span class="dim">{one.commit_message}</span>
                                        </span>
                                    ),
                                },
                                { title: "By", cell: (one) => embedded(one.job_id)?.user ?? <span class="dim">–</span> },
                                { title: "When", cell: (one) => <Ago at={one._created} /> },
                                {
                                    title: "Actions",
                                    untitled: true,
                                    right: true,
                                    cell: (one) => may("operator") && !wanted.has(one._id) && embedded(one.app_id) && <GoBack deployment={one} />,
                                },
                            ]}
                        />
                        <Pager meta={deployments.data._meta} what="deployments" onPage={(page) => set({ page: String(page) })} />
                    </>
                )}
            </Card>
        </>
    );
}

function GoBack({ deployment }: { deployment: Deployment }) {
    return (
        <ButtonLink look="small" href={`/web/apps/${embedded(deployment.app_id)?._id}/run/redeploy?deployment=${deployment._id}`} title={`Deploy ${deployment.revision} of ${deployment.module} again`}>
            Go back to it
        </ButtonLink>
    );
}
