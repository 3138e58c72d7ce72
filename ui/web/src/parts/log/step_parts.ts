/** What the row where a step begins has beside its text: by what the step is folded, how much that hides, how long it took. */
import { durationText } from "~/parts/Time";

import { make } from "./row_dom";
import type { Steps } from "./steps";

export type StepParts = { fold: HTMLButtonElement; took: HTMLElement };

/** The log knows whole seconds. */
const stepDuration = (ms: number) => (ms < 60000 ? `${ms / 1000} s` : durationText(ms));

export function makeStep(onFold: () => void): StepParts {
    const fold = make("button", "log-fold");
    fold.type = "button";
    fold.hidden = true;
    fold.addEventListener("click", onFold);
    return { fold, took: make("span", "log-took") };
}

/** lines: that stand below it, hidden when it is folded. room: signs that there are for what it says; it says all of it or nothing. */
export function writeStep({ fold, took }: StepParts, steps: Steps, step: number, lines: number, folded: boolean, room = Infinity): void {
    fold.hidden = lines === 0;
    fold.setAttribute("aria-expanded", String(!folded));
    fold.setAttribute("aria-label", `Step at line ${steps.starts[step]! + 1}`);
    const duration = steps.duration(step);
    const hidden = folded && lines > 0 ? `${lines} ${lines === 1 ? "line" : "lines"}` : "";
    const said = [hidden, duration ? stepDuration(duration) : ""].filter(Boolean).join(" · ");
    took.textContent = said.length <= room ? said : "";
}

/** It is no step's. */
export function clearStep({ fold, took }: StepParts): void {
    fold.hidden = true;
    if (took.firstChild) took.textContent = "";
}
