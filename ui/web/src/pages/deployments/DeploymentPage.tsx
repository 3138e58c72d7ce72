import { useRoute } from "preact-iso";

import { may, query } from "~/api/client";
import { useQuery, watching } from "~/api/use_query";
import { Badge } from "~/parts/Badge";
import { ButtonLink } from "~/parts/Button";
import { Card, Facts } from "~/parts/Card";
import { Failure, Loading } from "~/parts/Notice";
import { PageHead } from "~/parts/PageHead";
import { Ago } from "~/parts/Time";

import type { Overview } from "../applications/overview";
import { appWords, type Deployment, embedded, wantedOf } from "./deployment";

export default function DeploymentPage() {
    const id = useRoute().params.id!;
    const deployment = useQuery<Deployment>(query(`/deployments/${id}`, { embedded: { app_id: 1, job_id: 1 } }), (change) => change.collection === "deployments");

    const overview = useQuery<Overview>("/overview", watching("deployments"));

    if (!deployment.data) return deployment.error ? <Failure error={deployment.error} retry={deployment.reload} /> : <Loading what="the deployment" />;
    const one = deployment.data;
    const app = embedded(one.app_id);
    const job = embedded(one.job_id);
    const wanted = wantedOf(overview.data).has(one._id);

    return (
        <>
            <PageHead
                title={`${one.module} ${one.revision}`}
                crumbs={<a href="/web/deployments">Deployments</a>}
                badges={wanted && <Badge tone="good">wanted now</Badge>}
                actions={
                    app &&
                    !wanted &&
                    may("operator") && (
                        <ButtonLink look="primary" href={`/web/apps/${app._id}/run/redeploy?deployment=${one._id}`}>
                            Go back to it
                        </ButtonLink>
                    )
                }
            >
                {one.commit_message}
            </PageHead>
            <Card title="What was deployed">
                <Facts
                    rows={[
                        ["Application", app ? <a href={`/web/apps/${app._id}`}>{appWords(app)}</a> : appWords(app)],
                        ["Module", one.module],
                        ["Path", <code>{one.module_path}</code>],
                        ["Revision", one.revision],
                        ["Commit", <code>{one.commit}</code>],
                        ["Message", one.commit_message],
                        ["Package", <code>{one.package}</code>],
                        ["By", job?.user],
                        ["Job", job && <a href={`/web/jobs/${job._id}`}>{job.command}</a>],
                        ["When", <Ago at={one._created} />],
                        ["Id", <code>{one._id}</code>],
                    ]}
                />
            </Card>
        </>
    );
}
