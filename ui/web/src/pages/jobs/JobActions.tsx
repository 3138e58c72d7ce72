import { useLocation } from "preact-iso";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import { api, may } from "~/api/client";
import { Button, ButtonLink } from "~/parts/Button";
import { Confirm } from "~/parts/Dialog";
import { commandTitle } from "~/pages/run/commands";

import { againPath, type Job } from "./job";
import { type ActionName, actionsOf } from "./job_actions";

type Question = { title: string; yes: string; says: string; harmless?: boolean; act: () => Promise<unknown> };
/** Either it leads somewhere, or it is asked about first. */
type Action = { label: string; look?: "primary" | "danger" | "quiet"; href?: (job: Job) => string | null; question?: (job: Job) => Question };

const ACTIONS: Record<ActionName, Action> = {
    approve: {
        label: "Approve",
        look: "primary",
        question: (job) => ({
            title: `Let “${commandTitle(job.command)}” go on?`,
            yes: "Approve",
            says: `${job.approval?.question}.`,
            harmless: true,
            // What was read is approved: meanwhile it may have come to another question.
            act: () => api.post(`/jobs/${job._id}/approvals`, { point: job.approval?.point }),
        }),
    },
    cancel: {
        label: "Cancel",
        look: "danger",
        question: (job) => ({
            title: `Cancel “${commandTitle(job.command)}”?`,
            yes: "Cancel the job",
            says:
                job.status === "init"
                    ? "It has not begun: nothing is changed by it."
                    : "It is asked to stop. What it has in hand it finishes or takes back first, which may take a moment; what is done already stays done.",
            act: () => api.remove(`/jobs/${job._id}/enqueueings`),
        }),
    },
    again: { label: "Run again", href: againPath },
    delete: {
        label: "Delete",
        look: "quiet",
        question: (job) => ({
            title: `Delete this “${commandTitle(job.command)}” and its log?`,
            yes: "Delete",
            says: "The record of the job and its log are lost. The deployments that it made stay.",
            act: () => api.remove(`/jobs/${job._id}`, job._etag),
        }),
    },
};

/** What one may do with it as it is. small: in a row of a list. */
export function JobActions({ job, small, onDeleted }: { job: Job; small?: boolean; onDeleted?: () => void }) {
    const [asking, setAsking] = useState<ActionName>();
    const { route } = useLocation();
    if (!may("operator")) return null;

    const show = (name: ActionName): ComponentChildren => {
        const { label, look, href } = ACTIONS[name];
        const looks = [...(look ? [look] : []), ...(small ? (["small"] as const) : [])];
        const to = href?.(job);
        if (to)
            return (
                <ButtonLink key={name} look={looks} href={to}>
                    {label}
                </ButtonLink>
            );
        return (
            <Button key={name} look={looks} onClick={() => setAsking(name)}>
                {label}
            </Button>
        );
    };
    const question = asking && ACTIONS[asking].question?.(job);
    return (
        <span class="buttons job-actions">
            {actionsOf(job).map(show)}
            {question && (
                <Confirm
                    title={question.title}
                    yes={question.yes}
                    danger={!question.harmless}
                    onYes={async () => {
                        await question.act();
                        if (asking !== "delete") return;
                        if (onDeleted) onDeleted();
                        else route("/web/jobs");
                    }}
                    onClose={() => setAsking(undefined)}
                >
                    {question.says}
                </Confirm>
            )}
        </span>
    );
}
