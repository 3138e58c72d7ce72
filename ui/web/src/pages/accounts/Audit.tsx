import { type Page, query, type Schemas } from "~/api/client";
import { useQuery } from "~/api/use_query";
import { Card } from "~/parts/Card";
import { TextField } from "~/parts/Field";
import { Empty, Failure, Loading } from "~/parts/Notice";
import { PageHead } from "~/parts/PageHead";
import { Pager } from "~/parts/Pager";
import { Table } from "~/parts/Table";
import { Ago } from "~/parts/Time";
import { useFilters } from "~/parts/useFilters";

import { changesOf, pageOf } from "./audit";

type Note = Schemas["Audit"];

export default function Audit() {
    const [filter, set] = useFilters("user", "resource", "action", "page");
    const where = Object.fromEntries((["user", "resource", "action"] as const).filter((name) => filter[name]).map((name) => [name, { $regex: filter[name] }]));
    const notes = useQuery<Page<Note>>(
        query("/audit", { where: Object.keys(where).length ? where : undefined, sort: "-_created", max_results: 50, page: filter.page || 1 }),
        () => !filter.page || filter.page === "1",
    );
    const field = (name: "user" | "resource" | "action", label: string) => (
        <TextField label={label} type="search" value={filter[name]} onInput={(value) => set({ [name]: value, page: "" })} />
    );

    return (
        <>
            <PageHead title="Audit">Everything that was changed, by whom, from where</PageHead>
            <div class="filters">
                {field("user", "Who")}
                {field("action", "Action")}
                {field("resource", "Of what")}
            </div>
            <Failure error={notes.error} retry={notes.reload} />
            <Card flush>
                {!notes.data ? (
                    <Loading what="the audit" />
                ) : notes.data._items.length === 0 ? (
                    <Empty title="Nothing was changed like that">Each field is looked for anywhere in what was noted, as a pattern: “ad” finds admin.</Empty>
                ) : (
                    <>
                        <Table
                            label="Audit"
                            rows={notes.data._items}
                            rowKey={(one) => one._id}
                            columns={[
                                { title: "When", cell: (one) => <Ago at={one.at} /> },
                                { title: "Who", cell: (one) => one.user },
                                {
                                    title: "How",
                                    cell: (one) => (
                                        <span class="dim small">
                                            {one.via} {one.address}
                                        </span>
                                    ),
                                },
                                {
                                    title: "What",
                                    cell: (one) => (
                                        <span>
                                            {one.action} {one.resource} <Target note={one} />
                                        </span>
                                    ),
                                },
                                { title: "Change", cell: (one) => <Change note={one} /> },
                            ]}
                        />
                        <Pager meta={notes.data._meta} what="notes" onPage={(page) => set({ page: String(page) })} />
                    </>
                )}
            </Card>
        </>
    );
}

function Target({ note }: { note: Note }) {
    const { action = "", resource = "", target = "" } = note;
    const page = pageOf({ action, resource, target });
    const name = <code>{target}</code>;
    return page ? <a href={page}>{name}</a> : name;
}

function Change({ note }: { note: Note }) {
    const changes = changesOf(note.change);
    if (!changes.length) return <span class="dim">–</span>;
    return (
        <details>
            <summary>{changes.map((change) => change.field).join(", ")}</summary>
            <ul class="plain small">
                {changes.map((change) => (
                    <li key={change.field}>
                        <code>{change.field}</code>: {change.from && <del>{change.from}</del>} {change.to && <ins>{change.to}</ins>}
                    </li>
                ))}
            </ul>
        </details>
    );
}
