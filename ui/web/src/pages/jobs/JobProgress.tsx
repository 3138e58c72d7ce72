import { hasEnded, type Job } from "./job";

/** How many instances are done, and which batch is in hand. */
export function JobProgress({ job }: { job: Job }) {
    const progress = job.progress;
    const total = progress?.instances_total ?? 0;
    // Of one that ended it says where it stopped.
    if (!progress || (hasEnded(job) && (total === 0 || job.status === "done"))) return null;
    const done = progress.instances_done ?? 0;
    const failed = progress.instances_failed ?? 0;
    const batches = progress.batches ?? 0;
    return (
        <div class="job-progress">
            <div class="dim small">
                {progress.phase && <b>{progress.phase}</b>}
                {batches > 1 && ` Batch ${progress.batch ?? 0} of ${batches}.`}
                {total > 0 && ` ${done} of ${total} instances done${failed ? `, ${failed} failed` : ""}`}
            </div>
            {total > 0 && (
                <svg class="job-bar" viewBox={`0 0 ${total} 1`} preserveAspectRatio="none" role="img" aria-label={`${done} of ${total} instances done, ${failed} failed`}>
                    <rect class="done" width={done} height="1" />
                    <rect class="failed" x={done} width={failed} height="1" />
                </svg>
            )}
            {batches > 1 && batches <= 60 && (
                <ol class="plain job-batches" aria-label="Batches">
                    {Array.from({ length: batches }, (_, i) => {
                        const at = progress.batch ?? 0;
                        const state = i + 1 < at ? "done" : i + 1 > at ? "" : hasEnded(job) ? "bad" : "now";
                        return (
                            <li class={state} key={i} title={`Batch ${i + 1}`}>
                                {i + 1}
                            </li>
                        );
                    })}
                </ol>
            )}
        </div>
    );
}
