import { useState } from "preact/hooks";

import { may } from "~/api/client";
import { Button } from "~/parts/Button";
import { Card, Facts } from "~/parts/Card";
import { Script } from "~/parts/Script";

import type { App } from "../ApplicationPage";
import { settingsOf } from "./settings";

const HOOKS = ["pre_buildimage", "post_buildimage", "pre_bootstrap", "post_bootstrap"] as const;

export function SettingsOf({ app }: { app: App }) {
    const [raw, setRaw] = useState(false);
    const hooks = app.lifecycle_hooks as Partial<Record<(typeof HOOKS)[number], string>> | undefined;
    return (
        <>
            <div class="buttons">
                <Button look="small" aria-pressed={raw} onClick={() => setRaw(!raw)}>
                    {raw ? "As a table" : "As JSON"}
                </Button>
                {may("operator") && <a href={`/web/apps/${app._id}/edit`}>Edit</a>}
            </div>
            {raw ? (
                <Card title="JSON">
                    <pre tabIndex={0}>{JSON.stringify(app, null, 2)}</pre>
                </Card>
            ) : (
                <div class="settings">
                    {settingsOf(app).map((group) => (
                        <Card title={group.title} key={group.title}>
                            <Facts rows={group.rows.map(([name, value]) => [name, <span class="mono">{value}</span>])} />
                        </Card>
                    ))}
                    {HOOKS.some((name) => hooks?.[name]) && (
                        <Card title="Hooks">
                            {HOOKS.map((name) => (
                                <Script name={name} value={hooks?.[name]} key={name} />
                            ))}
                        </Card>
                    )}
                </div>
            )}
        </>
    );
}
