import { describe, expect, it } from "vitest";

import { type Job, STATUSES } from "./job";
import { actionsOf } from "./job_actions";

const job = (status: string, more: Partial<Job> = {}) => ({ _id: "1", status, command: "deploy", app_id: { _id: "2", name: "shop", env: "dev", role: "web" }, ...more }) as Job;

describe("what may be done with a job", () => {
    it("is told by its state", () => {
        expect(STATUSES.map((status) => actionsOf(job(status)))).toEqual([["cancel"], ["cancel"], ["again", "delete"], ["again", "delete"], ["again", "delete"], ["again", "delete"]]);
    });

    it("is to approve of what it asks, while it runs", () => {
        const approval = { point: "site.1", question: "Batch 1 is done", asked_at: "" };
        expect(actionsOf(job("started", { approval }))).toEqual(["approve", "cancel"]);
        expect(actionsOf(job("started", { approval: null }))).toEqual(["cancel"]);
        expect(actionsOf(job("done", { approval }))).toEqual(["again", "delete"]);
    });

    it("is nothing in a state that is not known", () => {
        expect(actionsOf(job("waiting for the moon"))).toEqual([]);
    });

    it("is not to run it again when there is nothing to run it with", () => {
        expect(actionsOf(job("done", { app_id: null }))).toEqual(["delete"]);
        expect(actionsOf(job("failed", { command: "of another time" as Job["command"] }))).toEqual(["delete"]);
    });
});
