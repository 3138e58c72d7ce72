import { Notice } from "~/parts/Notice";
import { Ago } from "~/parts/Time";

import { fromWords, more, type Plan, type PlanModule, shortId } from "./plan";

const COMMITS_OPEN = 12;

export function PlanView({ plan }: { plan: Plan }) {
    const batches = plan.batches ?? [];
    return (
        <div class="stack">
            {plan.warnings?.map((warning) => (
                <Notice tone="warn" key={warning}>
                    {warning}
                </Notice>
            ))}
            {plan.modules?.map((module) => (
                <ModulePlan module={module} key={module.name} />
            ))}
            {(batches.length > 0 || (plan.instances?.length ?? 0) > 0) && (
                <section>
                    <h3>{batches.length > 1 ? `${batches.length} batches` : "Instances"}</h3>
                    {plan.capacity && batches.length > 1 && (
                        <p>
                            At least {plan.capacity.min_in_service} of {plan.capacity.total} stay in service.
                        </p>
                    )}
                    <ol class="plan-batches">
                        {(batches.length ? batches : [plan.instances!.map((one) => one.instance_id)]).map((batch, i) => (
                            <li key={i}>
                                {batch.map((instance) => (
                                    <a class="mono" href={`/web/instances/${instance}`} key={instance}>
                                        {instance}
                                    </a>
                                ))}
                            </li>
                        ))}
                    </ol>
                </section>
            )}
        </div>
    );
}

function ModulePlan({ module }: { module: PlanModule }) {
    const commits = module.commits ?? [];
    const files = module.files ?? [];
    const from = fromWords(module.from);
    const total = module.commits_total ?? commits.length;
    return (
        <section class="plan-module">
            <h3>
                {module.name} <span class="dim">{module.revision}</span>
            </h3>
            {module.commit && (
                <p>
                    {from && from !== shortId(module.commit.id) && (
                        <>
                            <span class="mono dim">{from}</span> →{" "}
                        </>
                    )}
                    <span class="mono">{shortId(module.commit.id)}</span> {module.commit.subject}{" "}
                    <span class="dim">
                        {module.commit.author}
                        {module.commit.date && <>, <Ago at={module.commit.date} /></>}
                    </span>
                </p>
            )}
            {module.message && <p class="dim">{module.message}</p>}
            {commits.length > 0 && (
                <details open={commits.length <= COMMITS_OPEN}>
                    <summary>
                        {total} {total === 1 ? "commit" : "commits"}
                    </summary>
                    <ul class="plain plan-list">
                        {commits.map((commit) => (
                            <li key={commit.id}>
                                <span class="mono dim">{shortId(commit.id)}</span> {commit.subject} <span class="dim">{commit.author}</span>
                            </li>
                        ))}
                        {more(module.commits_total, commits.length) > 0 && <li class="dim">and {more(module.commits_total, commits.length)} more</li>}
                    </ul>
                </details>
            )}
            {files.length > 0 && (
                <details>
                    <summary>
                        {module.files_total ?? files.length} {(module.files_total ?? files.length) === 1 ? "file" : "files"} changed
                    </summary>
                    <ul class="plain plan-list mono">
                        {files.map((file) => (
                            <li key={file.path}>
                                <span class={`change ${file.change ?? ""}`}>{file.change}</span> {file.path}
                            </li>
                        ))}
                        {more(module.files_total, files.length) > 0 && <li class="dim">and {more(module.files_total, files.length)} more</li>}
                    </ul>
                </details>
            )}
        </section>
    );
}
