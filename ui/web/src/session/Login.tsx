import { useState } from "preact/hooks";

import { ApiError, logIn } from "~/api/client";
import { Button } from "~/parts/Button";
import { TextField } from "~/parts/Field";
import { Failure } from "~/parts/Notice";

export function Login() {
    const [name, setName] = useState("");
    const [password, setPassword] = useState("");
    const [error, setError] = useState<ApiError>();
    const [busy, setBusy] = useState(false);

    const submit = async (event: Event) => {
        event.preventDefault();
        setBusy(true);
        setError(undefined);
        try {
            await logIn(name, password);
        } catch (why) {
            setError(why instanceof ApiError ? why : new ApiError(0, String(why)));
            setBusy(false);
        }
    };

    return (
        <main class="login">
            <div class="card">
                <div>
                    <img src="/web/icon.svg" alt="" />
                    <h1>Log in to Ghost</h1>
                </div>
                <form class="form" onSubmit={submit}>
                    <TextField label="Name" value={name} onInput={setName} autocomplete="username" required autoFocus />
                    <TextField label="Password" type="password" value={password} onInput={setPassword} autocomplete="current-password" required />
                    <Failure error={error} />
                    <Button type="submit" look="primary" disabled={busy || !name || !password}>
                        {busy ? "Logging in…" : "Log in"}
                    </Button>
                    <p class="dim small">
                        Accounts are made by an administrator, or on the controller with <code>ghost-controller user add NAME</code>.
                    </p>
                </form>
            </div>
        </main>
    );
}
