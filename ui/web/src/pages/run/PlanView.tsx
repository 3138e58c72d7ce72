import { Badge } from "~/parts/Badge";
import { Notice } from "~/parts/Notice";
import { Ago } from "~/parts/Time";

import { more, type Plan, type PlanModule, sentence, shortId, sortWarnings } from "./plan";

const COMMITS_OPEN = 12;

export function PlanView({ plan }: { plan: Plan }) {
    const batches = plan.batches ?? [];
    const agents = new Map(plan.instances?.map((one) => [one.instance_id, one.agent]));
    const { bad, others } = sortWarnings(plan.warnings);
    return (
        <div class="stack">
            {bad.map((warning) => (
                <Notice tone="bad" key={warning}>
                    {sentence(warning)}
                </Notice>
            ))}
            {others.length > 0 && (
                <section>
                    <h3>Good to know</h3>
                    <ul class="plan-notes">
                        {others.map((warning) => (
                            <li key={warning}>{sentence(warning)}</li>
                        ))}
                    </ul>
                </section>
            )}
            {plan.modules?.map((module) => (
                <ModulePlan module={module} key={module.name} />
            ))}
            {batches.length > 0 && (
                <section>
                    <h3>{batches.length > 1 ? `${batches.length} batches` : "All in one batch"}</h3>
                    {plan.capacity && (
                        <p class="dim">
                            {plan.capacity.min_in_service > 0 ? `${plan.capacity.min_in_service} of ${plan.capacity.total} instances are left alone at any time.` : "No instance is left alone meanwhile."}
                        </p>
                    )}
                    <ol class="plan-batches">
                        {batches.map((batch, i) => (
                            <li key={i}>
                                {batch.map((instance) => (
                                    <span key={instance}>
                                        <a class="mono" href={`/web/instances/${instance}`}>
                                            {instance}
                                        </a>
                                        {agents.has(instance) && agents.get(instance) !== "connected" && <Badge tone="warn">{agents.get(instance) === "none" ? "no agent" : "agent away"}</Badge>}
                                    </span>
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
    const from = module.from?.commit ?? "";
    const total = module.commits_total ?? commits.length;
    return (
        <section class="plan-module">
            <h3>
                {module.name} <span class="dim">{module.revision}</span>
            </h3>
            {module.commit && (
                <p>
                    {from && !module.commit.id.startsWith(from) && (
                        <>
                            <span class="dim">
                                {module.from!.revision} <span class="mono">{shortId(from)}</span> →{" "}
                            </span>
                        </>
                    )}
                    <span class="mono">{shortId(module.commit.id)}</span> {module.commit.subject}{" "}
                    <span class="dim">
                        {module.commit.author}
                        {module.commit.date && <>, <Ago at={module.commit.date} /></>}
                    </span>
                </p>
            )}
            {from && module.commit?.id.startsWith(from) && <p class="dim">That is what is live already.</p>}
            {module.message && (module.commit ? <p class="dim">{sentence(module.message)}</p> : <Notice tone="warn">{sentence(module.message)}</Notice>)}
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
