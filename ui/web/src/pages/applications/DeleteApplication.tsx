/** Asks before an application is deleted, and says what that means. */
import { api, ApiError, type Page, query, type Schemas } from "~/api/client";
import { useQuery } from "~/api/use_query";
import { Confirm } from "~/parts/Dialog";

type App = Pick<Schemas["App"], "_id" | "_etag" | "name" | "env" | "role" | "blue_green" | "autoscale">;
type Props = { app: App; onClose: () => void; onDeleted: () => void };

type Some<T> = Pick<Page<T>, "_meta">;

/** How many, as far as it is known. */
function useCount(collection: string, where: Record<string, unknown>): number | undefined {
    return useQuery<Some<unknown>>(query(collection, { where, max_results: 1 })).data?._meta.total;
}

export function consequences(app: App, running: number | undefined, jobs: number | undefined): string[] {
    const said: string[] = [];
    if (running) said.push(`${running === 1 ? "One instance runs" : `${running} instances run`} for it. Deleting the application ends none: run destroyallinstances first, or end them in AWS.`);
    if (app.autoscale?.name) said.push(`The Auto Scaling group ${app.autoscale.name} stays as it is, and goes on starting instances.`);
    if (app.blue_green?.alter_ego_id) said.push(`Its ${app.blue_green.color === "green" ? "blue" : "green"} twin is deleted with it.`);
    if (jobs) said.push(`${jobs === 1 ? "One waiting job is" : `${jobs} waiting jobs are`} cancelled.`);
    said.push("Its images, jobs and deployments stay; its webhooks have no effect any more.");
    return said;
}

function changedMeanwhile(error: unknown): never {
    if (error instanceof ApiError && error.status === 412) throw new ApiError(412, "It was changed meanwhile. Look at what it is now, then delete it.");
    throw error;
}

export function DeleteApplication({ app, onClose, onDeleted }: Props) {
    const running = useCount("/instances", { app_id: app._id, state: { $ne: "gone" } });
    const jobs = useCount("/jobs", { app_id: app._id, status: "init" });
    return (
        <Confirm
            title={`Delete ${app.name} (${app.env}, ${app.role})?`}
            yes="Delete it"
            danger
            onClose={onClose}
            onYes={async () => {
                // With the etag of what is shown: who deletes has seen what it is now.
                await api.remove(`/apps/${app._id}`, app._etag).catch(changedMeanwhile);
                onDeleted();
            }}
        >
            <ul>
                {consequences(app, running, jobs).map((text) => (
                    <li key={text}>{text}</li>
                ))}
            </ul>
            <p>It cannot be brought back.</p>
        </Confirm>
    );
}
