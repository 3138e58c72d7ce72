import "./run.css";

import { useLocation, useRoute } from "preact-iso";

import { may, type Page, query, type Schemas } from "~/api/client";
import { useQuery, watching } from "~/api/use_query";
import { Failure, Loading, Notice } from "~/parts/Notice";
import { PageHead } from "~/parts/PageHead";

import { findCommand, freshValues, type Values } from "./commands";
import { readOptions } from "./job_body";
import type { AppModule } from "./ModulesField";
import type { RunningInstance } from "./OptionField";
import { RunForm } from "./RunForm";

type App = Schemas["App"] & { modules?: AppModule[] };
type FormerJob = { command: string; options?: string[]; modules?: { name: string; rev?: string }[]; instance_type?: string };

const GONE = ["gone", "terminated", "lost"];

export default function RunPage() {
    const { id, command: name } = useRoute().params as { id: string; command: string };
    const asked = useLocation().query;
    const command = findCommand(name);
    const app = useQuery<App>(query(`/apps/${id}`, { embedded: { "modules.last_deployment": 1 } }));
    const instances = useQuery<Page<RunningInstance>>(query("/instances", { where: { app_id: id }, max_results: 200 }), watching("instances"));
    const former = useQuery<FormerJob>(asked.job ? `/jobs/${asked.job}` : null);
    const error = app.error ?? former.error;

    if (!command)
        return (
            <>
                <PageHead title={name} crumbs={<a href={`/web/apps/${id}/run`}>All commands</a>} />
                <Notice tone="bad">There is no form for the command “{name}”. The command line may know it.</Notice>
            </>
        );

    const ready = app.data && (!asked.job || former.data);
    return (
        <>
            <PageHead
                title={command.title}
                window={`${command.title} ${app.data?.name ?? ""}`}
                crumbs={
                    <>
                        <a href="/web/apps">Applications</a> / <a href={`/web/apps/${id}`}>{app.data?.name ?? id}</a> / <a href={`/web/apps/${id}/run`}>Run a command</a>
                    </>
                }
            >
                {command.does}
            </PageHead>
            <Failure error={error} retry={app.reload} />
            {!may("operator") ? (
                <Notice tone="warn">Your role may look at applications, not run commands.</Notice>
            ) : ready ? (
                <RunForm
                    key={`${id} ${name} ${asked.job ?? ""} ${asked.deployment ?? ""}`}
                    app={app.data!}
                    command={command}
                    instances={(instances.data?._items ?? []).filter((one) => one.purpose !== "bake" && one.bootstrapped !== false && !GONE.includes(one.state ?? ""))}
                    first={firstValues(name, former.data, asked)}
                    firstModules={firstModules(app.data!, former.data, asked)}
                />
            ) : (
                !error && <Loading what="the form" />
            )}
        </>
    );
}

/** As the former job, or with what the address says. */
function firstValues(name: string, former: FormerJob | undefined, asked: Record<string, string>): Values {
    const command = findCommand(name)!;
    const values = former?.command === name ? { ...readOptions(command, former.options ?? []), ...(former.instance_type ? { instance_type: former.instance_type } : {}) } : freshValues(command);
    if (asked.deployment) values.deployment = asked.deployment;
    if (asked.instance) values.instance = asked.instance;
    return values;
}

/** One that is alone needs no choosing. */
function firstModules(app: App, former: FormerJob | undefined, asked: Record<string, string>): Record<string, string> {
    const has = (name: string) => app.modules?.some((module) => module.name === name);
    if (former?.modules?.length) return Object.fromEntries(former.modules.filter(({ name }) => has(name)).map(({ name, rev }) => [name, rev && rev !== "HEAD" ? rev : ""]));
    if (asked.module && has(asked.module)) return { [asked.module]: asked.revision ?? "" };
    return app.modules?.length === 1 ? { [app.modules[0]!.name]: asked.revision ?? "" } : {};
}
