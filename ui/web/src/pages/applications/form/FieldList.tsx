/** A list: elements are added, taken away, and put in order by buttons or by dragging. */
import { useEffect, useRef, useState } from "preact/hooks";

import { Button } from "~/parts/Button";
import { Icon } from "~/parts/Icon";

import { useForm } from "./context";
import { getAt, isObject, type Json } from "./document";
import { FieldRow } from "./FormField";
import { issueAt, issuesWithin } from "./issues";
import { moved, useKeys } from "./list_order";
import type { ListSpec } from "./spec";
import { TextInput } from "./TextInput";

export function FieldList({ spec, path }: { spec: ListSpec; path: string }) {
    const { draft, base, set, issues, isNew } = useForm();
    const value = getAt(draft, path);
    const items: Json[] = Array.isArray(value) ? value : [];
    const keys = useKeys(items.length);
    const [opened, setOpened] = useState<Set<number>>(new Set());
    const [dragged, setDragged] = useState<number>();
    const [over, setOver] = useState<number>();
    const [said, setSaid] = useState("");
    const box = useRef<HTMLDivElement>(null);
    const fresh = useRef<number>();

    useEffect(() => {
        // What was just added is written in at once.
        if (fresh.current === undefined) return;
        const at = keys.list.indexOf(fresh.current);
        fresh.current = undefined;
        box.current?.querySelectorAll<HTMLElement>(":scope > ol > li")[at]?.querySelector<HTMLElement>("input, select, textarea")?.focus();
    }, [items.length]);

    const add = () => {
        const key = keys.add();
        fresh.current = key;
        setOpened(new Set([...opened, key]));
        set(path, [...items, typeof spec.blank === "function" ? spec.blank(items) : spec.blank]);
    };
    const remove = (at: number) => {
        keys.remove(at);
        set(
            path,
            items.filter((_, i) => i !== at),
        );
        setSaid(`${spec.noun} ${at + 1} removed`);
        box.current?.querySelector<HTMLElement>(":scope > .list-foot button")?.focus();
    };
    const move = (from: number, to: number) => {
        if (to < 0 || to >= items.length) return;
        keys.move(from, to);
        set(path, moved(items, from, to));
        setSaid(`Now ${spec.noun} ${to + 1} of ${items.length}`);
    };
    const toggle = (key: number) => {
        const now = new Set(opened);
        if (!now.delete(key)) now.add(key);
        setOpened(now);
    };
    const issue = issueAt(issues, path);
    const fields = Array.isArray(spec.item) ? spec.item : undefined;

    return (
        <div class={spec.title ? "list large" : "list"} role="group" aria-label={spec.label} ref={box}>
            {!spec.title && <span class="label">{spec.label}</span>}
            {spec.hint && <span class="hint">{spec.hint}</span>}
            {issue && <span class="issue">{issue}</span>}
            {items.length === 0 && <p class="dim small">{spec.empty}</p>}
            <ol class="plain">
                {items.map((item, at) => {
                    const key = keys.list[at]!;
                    const here = `${path}.${at}`;
                    const wrong = issuesWithin(issues, here);
                    const open = !spec.title || opened.has(key) || wrong > 0;
                    const name = spec.title && isObject(item) ? spec.title(item) : `${spec.noun} ${at + 1}`;
                    return (
                        <li
                            key={key}
                            class={["item", open && "open", over === at && dragged !== at && "over", dragged === at && "dragged"].filter(Boolean).join(" ")}
                            data-path={here}
                            onDragOver={(event) => {
                                if (dragged === undefined) return;
                                event.preventDefault();
                                setOver(at);
                            }}
                            onDrop={(event) => {
                                event.preventDefault();
                                if (dragged !== undefined) move(dragged, at);
                            }}
                        >
                            <div class="item-head">
                                {items.length > 1 && (
                                    <span
                                        class="grip"
                                        draggable
                                        aria-hidden="true"
                                        title="Drag to another place"
                                        onDragStart={(event) => {
                                            event.dataTransfer?.setData("text/plain", name);
                                            event.dataTransfer?.setDragImage(event.currentTarget.closest("li")!, 10, 10);
                                            setDragged(at);
                                        }}
                                        onDragEnd={() => {
                                            setDragged(undefined);
                                            setOver(undefined);
                                        }}
                                    />
                                )}
                                {spec.title && isObject(item) && (
                                    <button type="button" class="item-title" aria-expanded={open} onClick={() => toggle(key)}>
                                        <Icon name="down" size={15} />
                                        <strong>{name}</strong>
                                        <span class="dim small">{spec.detail?.(item)}</span>
                                    </button>
                                )}
                                {!spec.title && (
                                    <div class="item-fields">
                                        {fields ? (
                                            <FieldRow fields={fields} scope={here} />
                                        ) : (
                                            <TextInput spec={spec.item as never} path={here} value={item} number={`${at + 1}`} place={{ draft, base, scope: here, isNew }} onInput={(now) => set(here, now)} />
                                        )}
                                    </div>
                                )}
                                <span class="item-buttons">
                                    {items.length > 1 && (
                                        <>
                                            <Button look={["quiet", "icon"]} aria-label={`Move ${name} up`} title="Up" disabled={at === 0} onClick={() => move(at, at - 1)}>
                                                <span class="turned">
                                                    <Icon name="down" size={16} />
                                                </span>
                                            </Button>
                                            <Button look={["quiet", "icon"]} aria-label={`Move ${name} down`} title="Down" disabled={at === items.length - 1} onClick={() => move(at, at + 1)}>
                                                <Icon name="down" size={16} />
                                            </Button>
                                        </>
                                    )}
                                    <Button look={["quiet", "icon"]} aria-label={`Remove ${name}`} title="Remove" onClick={() => remove(at)}>
                                        <Icon name="trash" size={16} />
                                    </Button>
                                </span>
                            </div>
                            {spec.title && open && fields && (
                                <div class="item-body">
                                    <FieldRow fields={fields} scope={here} />
                                </div>
                            )}
                        </li>
                    );
                })}
            </ol>
            <div class="list-foot">
                <Button look="small" onClick={add}>
                    <Icon name="plus" size={15} /> Add {/^[aeiou]/.test(spec.noun) ? "an" : "a"} {spec.noun}
                </Button>
            </div>
            <span class="hidden-text" role="status">
                {said}
            </span>
        </div>
    );
}
