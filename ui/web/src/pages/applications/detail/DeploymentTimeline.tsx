import { may, type Page, query, type Schemas } from "~/api/client";
import { useQuery } from "~/api/use_query";
import { Badge } from "~/parts/Badge";
import { ButtonLink } from "~/parts/Button";
import { Card } from "~/parts/Card";
import { Icon } from "~/parts/Icon";
import { Empty, Failure, Loading } from "~/parts/Notice";
import { Pager } from "~/parts/Pager";
import { Ago } from "~/parts/Time";
import { useFilters } from "~/parts/useFilters";

import type { App } from "../ApplicationPage";
import type { AppOverview } from "../overview";

type Deployment = Schemas["Deployment"];

export function DeploymentTimeline({ app, overview, short }: { app: App; overview: AppOverview | undefined; short?: boolean }) {
    const [{ page }, set] = useFilters("page");
    const address = query("/deployments", { where: { app_id: app._id }, sort: "-_created", max_results: short ? 5 : 25, page: short ? 1 : page || 1 });
    const deployments = useQuery<Page<Deployment>>(address, (change) => change.collection === "deployments");
    const wanted = new Set((overview?.modules ?? []).map((module) => module.wanted?.deployment_id));

    return (
        <Card title="Deployments" flush actions={short && <a href={`/web/apps/${app._id}/deployments`}>All deployments</a>}>
            <Failure error={deployments.error} retry={deployments.reload} />
            {!deployments.data ? (
                deployments.loading && <Loading what="deployments" />
            ) : deployments.data._items.length === 0 ? (
                <Empty
                    title="Never deployed"
                    action={
                        may("operator") && (
                            <ButtonLink look="primary" href={`/web/apps/${app._id}/run/deploy`}>
                                Deploy
                            </ButtonLink>
                        )
                    }
                >
                    Each deploy of a module leaves a record here, to which one can go back.
                </Empty>
            ) : (
                <>
                    <ol class="plain timeline">
                        {deployments.data._items.map((one) => (
                            <Row deployment={one} isWanted={wanted.has(one._id)} key={one._id} />
                        ))}
                    </ol>
                    {!short && <Pager meta={deployments.data._meta} what="deployments" onPage={(to) => set({ page: String(to) })} />}
                </>
            )}
        </Card>
    );
}

function Row({ deployment, isWanted }: { deployment: Deployment; isWanted: boolean }) {
    return (
        <li>
            <div>
                <span class="buttons">
                    <strong>{deployment.module}</strong>
                    <a href={`/web/deployments/${deployment._id}`}>{deployment.revision}</a>
                    <code class="dim">{deployment.commit}</code>
                    {isWanted && <Badge tone="good">wanted now</Badge>}
                </span>
                <p class="dim">{deployment.commit_message}</p>
                <span class="dim small">
                    <Ago at={deployment._created} /> · <a href={`/web/jobs/${String(deployment.job_id)}`}>job</a>
                </span>
            </div>
            {!isWanted && may("operator") && (
                <ButtonLink look="small" href={`/web/apps/${String(deployment.app_id)}/run/redeploy?deployment=${deployment._id}`} title={`Roll ${deployment.module} back to ${deployment.revision}`}>
                    <Icon name="back" size={15} /> Go back to it
                </ButtonLink>
            )}
        </li>
    );
}
