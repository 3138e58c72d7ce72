import type { ComponentChildren } from "preact";

export function Card({ title, actions, flush, children, id }: { title?: ComponentChildren; actions?: ComponentChildren; /** Without space around: tables. */ flush?: boolean; children: ComponentChildren; id?: string }) {
    return (
        <section class="card" id={id}>
            {title && (
                <header>
                    <h2>{title}</h2>
                    {actions && <div class="buttons">{actions}</div>}
                </header>
            )}
            {flush ? children : <div class="inside">{children}</div>}
        </section>
    );
}

/** Names and values. What has none is left out. */
export function Facts({ rows }: { rows: [name: string, value: ComponentChildren][] }) {
    return (
        <dl class="facts">
            {rows
                .filter(([, value]) => value !== undefined && value !== null && value !== "")
                .map(([name, value]) => (
                    <>
                        <dt>{name}</dt>
                        <dd>{value}</dd>
                    </>
                ))}
        </dl>
    );
}
