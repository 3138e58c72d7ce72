import { useState } from "preact/hooks";

import { api, type Page, query, type Role, type Schemas, session } from "~/api/client";
import { useQuery, watching } from "~/api/use_query";
import { Button } from "~/parts/Button";
import { Card } from "~/parts/Card";
import { CopyText } from "~/parts/CopyText";
import { Confirm, Dialog } from "~/parts/Dialog";
import { SelectField, TextField } from "~/parts/Field";
import { Empty, Failure, Loading, Notice } from "~/parts/Notice";
import { Table } from "~/parts/Table";
import { Ago, parseTime } from "~/parts/Time";
import { issueOf, useAction } from "~/parts/useAction";

import { ROLE_CHOICES } from "./roles";

type Token = Schemas["Token"];

/** Tokens are for programs: they need no password, end by themselves, and can be taken back one by one. */
export function Tokens({ everybody }: { everybody?: boolean }) {
    const where = everybody ? undefined : { user: session.value?.name };
    const tokens = useQuery<Page<Token>>(query("/tokens", { where, max_results: 200, sort: "name" }), watching("tokens"));
    const [making, setMaking] = useState(false);
    const [leaving, setLeaving] = useState<Token>();

    return (
        <Card title="Tokens" flush actions={<Button look="small" onClick={() => setMaking(true)}>New token</Button>}>
            <Failure error={tokens.error} retry={tokens.reload} />
            {!tokens.data ? (
                <Loading what="tokens" />
            ) : tokens.data._items.length === 0 ? (
                <Empty title="No tokens">A token lets a program in: CI, a script, Terraform. It is sent as “Authorization: Bearer …”.</Empty>
            ) : (
                <Table
                    label="Tokens"
                    rows={tokens.data._items}
                    rowKey={(one) => one._id}
                    columns={[
                        { title: "Name", cell: (one) => <strong>{one.name}</strong> },
                        { title: "Of", cell: (one) => one.user },
                        { title: "Role", cell: (one) => one.role },
                        { title: "Ends", cell: (one) => parseTime(one.expires)?.toLocaleDateString(undefined, { dateStyle: "medium" }) ?? "–" },
                        { title: "Last used", cell: (one) => (one.last_used ? <Ago at={one.last_used} /> : <span class="dim">never</span>) },
                        {
                            title: "Actions",
                            untitled: true,
                            right: true,
                            cell: (one) => (
                                <Button look={["small", "danger"]} onClick={() => setLeaving(one)}>
                                    Take back
                                </Button>
                            ),
                        },
                    ]}
                />
            )}
            {making && (
                <TokenDialog
                    onClose={() => {
                        setMaking(false);
                        tokens.reload();
                    }}
                />
            )}
            {leaving && (
                <Confirm
                    title={`Take back the token ${leaving.name}?`}
                    yes="Take it back"
                    danger
                    onClose={() => setLeaving(undefined)}
                    onYes={async () => {
                        await api.remove(`/tokens/${leaving._id}`, leaving._etag);
                        tokens.reload();
                    }}
                >
                    <p>What uses it is refused from then on.</p>
                </Confirm>
            )}
        </Card>
    );
}

function TokenDialog({ onClose }: { onClose: () => void }) {
    const [name, setName] = useState("");
    const [role, setRole] = useState<Role>(session.value?.role ?? "viewer");
    const [made, setMade] = useState<Token>();
    const { error, busy, run } = useAction();
    const submit = async (event: Event) => {
        event.preventDefault();
        await run(async () => setMade(await api.post<Token>("/tokens", { name, role })));
    };

    return (
        <Dialog title="New token" onClose={onClose} actions={made && <Button onClick={onClose}>Done</Button>}>
            {made ? (
                <>
                    <Notice tone="good">
                        <p>This is the token {name}. It is shown this once; keep it where the program finds it.</p>
                    </Notice>
                    <CopyText text={made.token ?? ""} what="the token" />
                </>
            ) : (
                <form class="form" onSubmit={submit}>
                    <TextField label="Name" required value={name} onInput={setName} hint="What it is for" issue={issueOf(error, "name")} />
                    <SelectField label="Role" value={role} onInput={(value) => setRole(value as Role)} choices={ROLE_CHOICES} hint="No more than your own counts" issue={issueOf(error, "role")} />
                    <Failure error={error} />
                    <div class="buttons">
                        <Button type="submit" look="primary" disabled={busy || !name}>
                            Create token
                        </Button>
                        <Button look="quiet" onClick={onClose}>
                            Not now
                        </Button>
                    </div>
                </form>
            )}
        </Dialog>
    );
}
