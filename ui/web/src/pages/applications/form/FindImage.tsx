/** Images of others, which are too many to offer without being asked for. */
import { useState } from "preact/hooks";

import { Button } from "~/parts/Button";
import { TextField } from "~/parts/Field";

import { askChoices, choicesPath } from "./choices";
import { getAt } from "./document";
import type { OwnProps } from "./spec";

export type FoundImage = { id: string; name: string; architecture: string; date: string };

const OWNERS = [
    { value: "136693071363", label: "Debian" },
    { value: "099720109477", label: "Ubuntu" },
    { value: "amazon", label: "Amazon" },
    { value: "self", label: "This account" },
];
const SHOWN = 12;

/** The newest first. */
export function newestImages(items: Record<string, unknown>[]): FoundImage[] {
    return items
        .map((item) => ({ id: String(item.id), name: String(item.name ?? ""), architecture: String(item.architecture ?? ""), date: String(item.creation_date ?? "") }))
        .sort((a, b) => b.date.localeCompare(a.date) || a.name.localeCompare(b.name))
        .slice(0, SHOWN);
}

export function FindImage({ place, set }: OwnProps) {
    const [owner, setOwner] = useState("136693071363");
    const [name, setName] = useState("debian-12-amd64-*");
    const [found, setFound] = useState<{ images: FoundImage[]; message?: string }>();
    const chosen = getAt(place.draft, "build_infos.source_ami");

    const find = async () => {
        const path = choicesPath("images", place.draft, { owner, name });
        const { items, message } = await askChoices(path);
        setFound({ images: newestImages(items), message });
    };

    return (
        <details class="find">
            <summary>Find an image of another owner</summary>
            <div class="fields">
                <TextField label="Owner of images" value={owner} onInput={setOwner} suggestions={OWNERS} hint={OWNERS.find((one) => one.value === owner)?.label ?? "self, amazon or an account's number"} />
                <TextField label="Name of images" value={name} onInput={setName} hint="* and ? stand for anything" />
                <div class="find-button">
                    <Button onClick={find} disabled={!owner || !name}>
                        Find
                    </Button>
                </div>
            </div>
            <div role="status">
                {found && !found.images.length && <p class="dim small">{found.message ?? "AWS has none of that owner and name in this region."}</p>}
            </div>
            {found && found.images.length > 0 && (
                <ul class="plain found" aria-label="Images found">
                    {found.images.map((image) => (
                        <li key={image.id}>
                            <button type="button" aria-pressed={image.id === chosen} onClick={() => set("build_infos.source_ami", image.id)}>
                                <strong>{image.name || image.id}</strong>
                                <span class="dim small">
                                    {image.id} · {image.architecture} · {image.date.slice(0, 10)}
                                </span>
                            </button>
                        </li>
                    ))}
                </ul>
            )}
        </details>
    );
}
