import "./applications.css";

/** One application: what runs, what should be run next, what happened, how it is set up. */
import { useLocation, useRoute } from "preact-iso";
import { useState } from "preact/hooks";

import { may, query, type Schemas } from "~/api/client";
import { useQuery } from "~/api/use_query";
import { Badge } from "~/parts/Badge";
import { Button, ButtonLink } from "~/parts/Button";
import { Icon } from "~/parts/Icon";
import { Failure, Loading } from "~/parts/Notice";
import { PageHead } from "~/parts/PageHead";
import { Tabs } from "~/parts/Tabs";

import { DeploymentTimeline } from "./detail/DeploymentTimeline";
import { JobsOf } from "./detail/JobsOf";
import { ModulesOf } from "./detail/ModulesOf";
import { Recommendations } from "./detail/Recommendations";
import { SettingsOf } from "./detail/SettingsOf";
import { WhoRunsWhat } from "./detail/WhoRunsWhat";
import { StateBadge } from "./ApplicationList";
import { DeleteApplication } from "./DeleteApplication";
import type { Overview } from "./overview";

const TABS = ["overview", "modules", "deployments", "jobs", "settings"] as const;
const LABELS: Record<(typeof TABS)[number], string> = { overview: "Overview", modules: "Modules", deployments: "Deployments", jobs: "Jobs", settings: "Settings" };

export type App = Schemas["App"];

export default function ApplicationPage() {
    const { params } = useRoute();
    const { path, route } = useLocation();
    const [deleting, setDeleting] = useState(false);
    const id = params.id!;
    const current = TABS.find((tab) => path.endsWith(`/${tab}`)) ?? "overview";
    const app = useQuery<App>(`/apps/${id}`, (change) => change.id === id);
    const overview = useQuery<Overview>(query("/overview", { app_id: id }), (change) => change.app_id === id || change.id === id);
    const mine = overview.data?.apps[0];

    if (!app.data) return app.error ? <Failure error={app.error} retry={app.reload} /> : <Loading what="the application" />;
    const { name, env, role, description } = app.data;
    const color = app.data.blue_green?.color;

    return (
        <>
            <PageHead
                title={name ?? ""}
                window={`${name}/${env}/${role}`}
                crumbs={<a href="/web/apps">Applications</a>}
                badges={
                    <>
                        <Badge tone="accent">{env}</Badge>
                        <Badge>{role}</Badge>
                        {color && <Badge tone={app.data.blue_green?.is_online ? "good" : "plain"}>{app.data.blue_green?.is_online ? `${color}, online` : color}</Badge>}
                        {mine && <StateBadge state={mine.state} />}
                    </>
                }
                actions={
                    may("operator") && (
                        <>
                            <Button look={["quiet", "danger"]} onClick={() => setDeleting(true)}>
                                <Icon name="trash" size={16} /> Delete…
                            </Button>
                            <ButtonLink href={`/web/apps/${id}/edit`}>
                                <Icon name="edit" size={16} /> Edit
                            </ButtonLink>
                            <ButtonLink href={`/web/apps/new?clone_from=${id}`}>
                                <Icon name="copy" size={16} /> Clone
                            </ButtonLink>
                            <ButtonLink href={`/web/apps/${id}/run`}>Run…</ButtonLink>
                            <ButtonLink look="primary" href={`/web/apps/${id}/run/deploy`}>
                                <Icon name="deployments" size={16} /> Deploy
                            </ButtonLink>
                        </>
                    )
                }
            >
                {description}
            </PageHead>
            <Failure error={app.error} retry={app.reload} />
            <Tabs
                label="Parts of the application"
                tabs={TABS.map((tab) => ({ href: tab === "overview" ? `/web/apps/${id}` : `/web/apps/${id}/${tab}`, label: LABELS[tab], current: tab === current }))}
            />
            {current === "overview" && (
                <>
                    <Recommendations app={app.data} />
                    <WhoRunsWhat app={app.data} overview={mine} />
                    <div class="columns">
                        <DeploymentTimeline app={app.data} overview={mine} short />
                        <JobsOf app={app.data} short />
                    </div>
                </>
            )}
            {current === "modules" && <ModulesOf app={app.data} overview={mine} />}
            {current === "deployments" && <DeploymentTimeline app={app.data} overview={mine} />}
            {current === "jobs" && <JobsOf app={app.data} />}
            {current === "settings" && <SettingsOf app={app.data} />}
            {deleting && <DeleteApplication app={app.data} onClose={() => setDeleting(false)} onDeleted={() => route("/web/apps")} />}
        </>
    );
}
