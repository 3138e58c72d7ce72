/** What may be done with a job as it stands. A state that is not in the table offers nothing: it is not known here. */
import { findCommand } from "~/pages/run/commands";

import { againPath, type Job } from "./job";

export type ActionName = "approve" | "cancel" | "again" | "delete";

const ENDED: ActionName[] = ["again", "delete"];
const BY_STATUS: Record<string, ActionName[]> = {
    init: ["cancel"],
    started: ["approve", "cancel"],
    done: ENDED,
    failed: ENDED,
    aborted: ENDED,
    cancelled: ENDED,
};

/** What the state alone does not decide. */
const POSSIBLE: Partial<Record<ActionName, (job: Job) => boolean>> = {
    approve: (job) => Boolean(job.approval),
    again: (job) => againPath(job) !== null && findCommand(job.command) !== undefined,
};

export function actionsOf(job: Job): ActionName[] {
    return (BY_STATUS[job.status] ?? []).filter((name) => POSSIBLE[name]?.(job) ?? true);
}
