import { may } from "~/api/client";
import { Badge } from "~/parts/Badge";
import { ButtonLink } from "~/parts/Button";
import { Card, Facts } from "~/parts/Card";
import { Empty } from "~/parts/Notice";
import { Script } from "~/parts/Script";

import type { App } from "../ApplicationPage";
import { type AppOverview, releaseWords } from "../overview";

type Module = NonNullable<App["modules"]>[number];
const SCRIPTS = ["build_pack", "pre_deploy", "post_deploy", "after_all_deploy"] as const;

function Running({ overview }: { overview: AppOverview["modules"][number] | undefined }) {
    if (!overview?.running.length) return <span class="dim">nowhere</span>;
    return (
        <span class="buttons">
            {overview.running.map((one) => (
                <Badge tone={one.manifest_sha256 === overview.wanted?.manifest_sha256 ? "good" : "warn"} key={one.manifest_sha256}>
                    {releaseWords(one)} on {one.instances}
                </Badge>
            ))}
        </span>
    );
}

function ModuleCard({ app, module, overview }: { app: App; module: Module; overview: AppOverview["modules"][number] | undefined }) {
    const source = module.source as { protocol?: string; url?: string } | undefined;
    const check = module.health_check as Record<string, unknown> | undefined;
    return (
        <Card
            title={
                <span class="buttons">
                    {module.name} <Badge>{module.scope}</Badge>
                </span>
            }
            actions={
                may("operator") && (
                    <ButtonLink look="small" href={`/web/apps/${app._id}/run/deploy?module=${encodeURIComponent(module.name ?? "")}`}>
                        Deploy
                    </ButtonLink>
                )
            }
        >
            <div class="stack">
                <Facts
                    rows={[
                        ["Path", <code>{module.path}</code>],
                        ["Source", <code>{source?.url ?? module.git_repo}</code>],
                        ["Kind of source", source?.protocol],
                        ["Wanted", overview?.wanted ? <a href={`/web/deployments/${overview.wanted.deployment_id}`}>{releaseWords(overview.wanted)}</a> : "never deployed"],
                        ["Running", <Running overview={overview} />],
                        ["Owner", module.uid !== undefined || module.gid !== undefined ? `${module.uid ?? 0}:${module.gid ?? 0}` : undefined],
                        ["Health check", check && <code>{JSON.stringify(check)}</code>],
                    ]}
                />
                <div>
                    {SCRIPTS.map((name) => (
                        <Script name={name} value={module[name]} key={name} />
                    ))}
                </div>
            </div>
        </Card>
    );
}

export function ModulesOf({ app, overview }: { app: App; overview: AppOverview | undefined }) {
    const modules = app.modules ?? [];
    if (!modules.length)
        return (
            <Card>
                <Empty
                    title="No modules"
                    action={
                        may("operator") && (
                            <ButtonLink look="primary" href={`/web/apps/${app._id}/edit#modules`}>
                                Add one
                            </ButtonLink>
                        )
                    }
                >
                    A module is code or configuration from a git repository or a bucket, with the path it is deployed to and what is run before and after.
                </Empty>
            </Card>
        );
    return (
        <>
            {modules.map((module) => (
                <ModuleCard app={app} module={module} overview={overview?.modules.find((one) => one.name === module.name)} key={module.name} />
            ))}
        </>
    );
}
