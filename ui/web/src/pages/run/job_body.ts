/** From a form to the body of POST /jobs, and from a job back to its form. */
import { fromBase64, toBase64 } from "~/parts/base64";

import { type Command, type CommandOption, findCommand, freshValues, shownOptions, type Values } from "./commands";

export type JobModule = { name: string; rev: string };
export type JobBody = { command: string; app_id: string; options: string[]; modules?: JobModule[]; instance_type?: string };

/** A check that is not set and has a place says so. */
function sent(option: CommandOption, value: string): string {
    if (option.kind === "script") return value ? toBase64(value) : "";
    if (option.kind === "check") return value ? option.on! : option.place === undefined ? "" : "False";
    return value.trim();
}

export function writeOptions(command: Command, values: Values): string[] {
    const places: string[] = [];
    const named: string[] = [];
    for (const option of shownOptions(command, values)) {
        const word = sent(option, values[option.key] ?? "");
        if (option.place !== undefined) places[option.place] = word;
        else if (option.named && word) named.push(`${option.named}=${word}`);
    }
    const filled = Array.from(places, (word) => word ?? "");
    while (filled.length && filled[filled.length - 1] === "") filled.pop();
    return [...filled, ...named];
}

function read(option: CommandOption, word: string): string {
    if (option.kind === "script") return fromBase64(word);
    if (option.kind === "check") return word === option.on || /^(true|1|yes|y)$/i.test(word) ? option.on! : "";
    return word === "None" ? "" : word;
}

export function readOptions(command: Command, options: string[]): Values {
    const values = freshValues(command);
    // What was not said was not wished for: the form's own proposals are for new jobs.
    for (const option of command.options) if (option.kind === "batches" || option.kind === "script") values[option.key] = "";
    let withNames = false;
    options.forEach((word, place) => {
        const option = shownOptions(command, values).find((one) => one.place === place);
        withNames ||= !option?.free && command.options.some((one) => one.named && word.startsWith(`${one.named}=`));
        const target = withNames ? command.options.find((one) => one.named && word.startsWith(`${one.named}=`)) : option;
        if (target) values[target.key] = read(target, withNames ? word.slice(word.indexOf("=") + 1) : word);
    });
    return values;
}

export function jobBody(command: Command, appId: string, values: Values, modules: JobModule[]): JobBody {
    const type = command.options.some((option) => option.member === "instance_type") && values.instance_type?.trim();
    return {
        command: command.name,
        app_id: appId,
        options: writeOptions(command, values),
        ...(command.modules ? { modules: modules.map(({ name, rev }) => ({ name, rev: rev.trim() || "HEAD" })) } : {}),
        ...(type ? { instance_type: type } : {}),
    };
}

function inWords(option: CommandOption, value: string): string {
    if (option.kind === "check") return value ? "yes" : "no";
    if (option.kind === "script") {
        const lines = value.trimEnd().split("\n").length;
        return `${lines} ${lines === 1 ? "line" : "lines"}`;
    }
    if (option.kind === "batches" && !value) return "";
    return option.choices?.find(([word]) => word === value)?.[1] ?? (option.key === "deadline" ? `${value} s` : value);
}

/** What a job was asked for, as a person would say it. What was not said is left out; brief: and what is as it would be all the same. */
export function optionsInWords(name: string, options: string[], instanceType?: string, brief = false): [label: string, words: string, option: CommandOption | null][] {
    const command = findCommand(name);
    if (!command) return options.map((word, i) => [`Option ${i + 1}`, word, null]);
    const values = readOptions(command, options);
    if (instanceType && name === "buildimage") values.instance_type = instanceType;
    return shownOptions(command, values)
        .filter((option) => values[option.key] !== "" && !(option.kind === "choice" && (options.length === 0 || (brief && values[option.key] === option.fallback))))
        .map((option) => [option.label, inWords(option, values[option.key]!), option]);
}
