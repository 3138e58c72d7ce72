import { useState } from "preact/hooks";

import { api, type Page, query, type Role, type Schemas, session } from "~/api/client";
import { useQuery, watching } from "~/api/use_query";
import { Badge } from "~/parts/Badge";
import { Button } from "~/parts/Button";
import { Card } from "~/parts/Card";
import { Confirm, Dialog } from "~/parts/Dialog";
import { SelectField, TextField } from "~/parts/Field";
import { Icon } from "~/parts/Icon";
import { Failure, Loading } from "~/parts/Notice";
import { PageHead } from "~/parts/PageHead";
import { Table } from "~/parts/Table";
import { Ago } from "~/parts/Time";
import { issueOf, useAction } from "~/parts/useAction";

import { ROLE_CHOICES } from "./roles";
import { Tokens } from "./Tokens";

type User = Schemas["User"];

export default function Accounts() {
    const users = useQuery<Page<User>>(query("/users", { max_results: 200, sort: "name" }), watching("users"));
    const [open, setOpen] = useState<"new" | User>();
    const [leaving, setLeaving] = useState<User>();

    return (
        <>
            <PageHead
                title="Accounts"
                actions={
                    <Button look="primary" onClick={() => setOpen("new")}>
                        <Icon name="plus" size={16} /> New account
                    </Button>
                }
            >
                Who may do what. Viewers look, operators change and run, administrators also see to accounts.
            </PageHead>
            <Failure error={users.error} retry={users.reload} />
            <Card title="Accounts" flush>
                {!users.data ? (
                    <Loading what="accounts" />
                ) : (
                    <Table
                        label="Accounts"
                        rows={users.data._items}
                        rowKey={(one) => one._id}
                        columns={[
                            {
                                title: "Name",
                                cell: (one) => (
                                    <span class="buttons">
                                        <strong>{one.name}</strong>
                                        {one.name === session.value?.name && <Badge tone="accent">you</Badge>}
                                    </span>
                                ),
                            },
                            { title: "Role", cell: (one) => one.role },
                            { title: "Made", cell: (one) => <Ago at={one._created} /> },
                            { title: "Changed", cell: (one) => <Ago at={one._updated} /> },
                            {
                                title: "Actions",
                                untitled: true,
                                right: true,
                                cell: (one) => (
                                    <span class="buttons">
                                        <Button look="small" onClick={() => setOpen(one)}>
                                            Change
                                        </Button>
                                        {one.name !== session.value?.name && (
                                            <Button look={["small", "danger"]} onClick={() => setLeaving(one)}>
                                                Remove
                                            </Button>
                                        )}
                                    </span>
                                ),
                            },
                        ]}
                    />
                )}
            </Card>
            <Tokens everybody />
            {open && (
                <AccountDialog
                    user={open === "new" ? undefined : open}
                    onClose={() => {
                        setOpen(undefined);
                        users.reload();
                    }}
                />
            )}
            {leaving && (
                <Confirm
                    title={`Remove ${leaving.name}?`}
                    yes="Remove the account"
                    danger
                    onClose={() => setLeaving(undefined)}
                    onYes={async () => {
                        await api.remove(`/users/${leaving.name}`, leaving._etag);
                        users.reload();
                    }}
                >
                    <p>The account's tokens and sessions end at once. What it did stays in the audit.</p>
                </Confirm>
            )}
        </>
    );
}

function AccountDialog({ user, onClose }: { user: User | undefined; onClose: () => void }) {
    const [name, setName] = useState("");
    const [role, setRole] = useState<Role>((user?.role as Role | undefined) ?? "operator");
    const [password, setPassword] = useState("");
    const { error, busy, run } = useAction();
    const submit = async (event: Event) => {
        event.preventDefault();
        const work = () =>
            user
                ? api.patch(`/users/${user.name}`, { ...(role !== user.role ? { role } : {}), ...(password ? { password } : {}) }, user._etag ?? "")
                : api.post("/users", { name, role, password });
        if (await run(work)) onClose();
    };

    return (
        <Dialog title={user ? `Change ${user.name}` : "New account"} onClose={onClose}>
            <form class="form" onSubmit={submit}>
                {!user && <TextField label="Name" required value={name} onInput={setName} issue={issueOf(error, "name")} />}
                <SelectField label="Role" value={role} onInput={(value) => setRole(value as Role)} choices={ROLE_CHOICES} issue={issueOf(error, "role")} />
                <TextField
                    label={user ? "New password" : "Password"}
                    type="password"
                    autocomplete="new-password"
                    required={!user}
                    value={password}
                    onInput={setPassword}
                    hint={user ? "Empty: it stays as it is. A new one ends the account's sessions." : "At least 8 characters"}
                    issue={issueOf(error, "password")}
                />
                <Failure error={error} />
                <div class="buttons">
                    <Button type="submit" look="primary" disabled={busy || (!user && (!name || !password))}>
                        {user ? "Save" : "Create account"}
                    </Button>
                    <Button look="quiet" onClick={onClose}>
                        Not now
                    </Button>
                </div>
            </form>
        </Dialog>
    );
}
