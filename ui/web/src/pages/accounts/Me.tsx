import { useState } from "preact/hooks";

import { api, type Schemas, session } from "~/api/client";
import { useQuery } from "~/api/use_query";
import { Button } from "~/parts/Button";
import { Card } from "~/parts/Card";
import { TextField } from "~/parts/Field";
import { Failure, Notice } from "~/parts/Notice";
import { PageHead } from "~/parts/PageHead";
import { issueOf, useAction } from "~/parts/useAction";

import { Tokens } from "./Tokens";

export default function Me() {
    const name = session.value?.name ?? "";
    return (
        <>
            <PageHead title={name}>You are {session.value?.role} here.</PageHead>
            <Password name={name} />
            <Tokens />
        </>
    );
}

function Password({ name }: { name: string }) {
    const user = useQuery<Schemas["User"]>(`/users/${name}`);
    const [former, setFormer] = useState("");
    const [password, setPassword] = useState("");
    const [done, setDone] = useState(false);
    const { error, busy, run } = useAction();
    const submit = async (event: Event) => {
        event.preventDefault();
        setDone(false);
        if (!(await run(() => api.patch(`/users/${name}`, { old_password: former, password }, user.data?._etag ?? "")))) return;
        setFormer("");
        setPassword("");
        setDone(true);
        user.reload();
    };

    return (
        <Card title="Password">
            <form class="form" onSubmit={submit}>
                <div class="row">
                    <TextField label="The one you have" type="password" autocomplete="current-password" required value={former} onInput={setFormer} issue={issueOf(error, "old_password")} />
                    <TextField label="The new one" type="password" autocomplete="new-password" required value={password} onInput={setPassword} hint="At least 8 characters. Sessions elsewhere end." issue={issueOf(error, "password")} />
                </div>
                <Failure error={error} />
                {done && <Notice tone="good">The new password counts from now on.</Notice>}
                <div class="buttons">
                    <Button type="submit" look="primary" disabled={busy || !former || !password || !user.data}>
                        Change the password
                    </Button>
                </div>
            </form>
        </Card>
    );
}
