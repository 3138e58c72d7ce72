/**
 * What jobs can do, and what each can be told: the table behind every form of a command, and behind the words in which
 * a job's options are shown. Options go to the API as strings, by place, then those that have a name.
 */
export type Values = Record<string, string>;

export type OptionKind = "choice" | "batches" | "text" | "number" | "check" | "script" | "module" | "instance" | "subnet" | "instance_type" | "deployment";

export type CommandOption = {
    key: string;
    label: string;
    kind: OptionKind;
    hint?: string;
    /** Of a choice; the first word is sent, the second shown. */
    choices?: [value: string, label: string][];
    place?: number;
    /** "name=value" behind the places. */
    named?: string;
    /** A member of the job itself. */
    member?: "instance_type";
    /** What a check that is set sends. */
    on?: string;
    fallback: string;
    required?: boolean;
    /** Any text: an equals sign in it means nothing. */
    free?: boolean;
    when?: (values: Values) => boolean;
    /** How the server's remark on it begins. */
    said?: RegExp;
};

export type Command = {
    name: string;
    title: string;
    does: string;
    /** What the button says. */
    verb: string;
    /** It ends what runs: asked twice. */
    danger?: string;
    /** It goes through the instances. */
    fleet?: boolean;
    modules?: boolean;
    options: CommandOption[];
};

const execution = (place: number): CommandOption => ({
    key: "strategy",
    label: "Inside a batch",
    kind: "choice",
    choices: [
        ["serial", "One instance after the other"],
        ["parallel", "All at once"],
    ],
    place,
    fallback: "serial",
    said: /^execution strategy/,
});

const batches = (place: number, more: Partial<CommandOption> = {}): CommandOption => ({
    key: "safe",
    label: "Batches",
    kind: "batches",
    place,
    fallback: "",
    said: /^safe deployment strategy/,
    hint: "Each batch is taken out of the load balancer, worked on and put back before the next",
    ...more,
});

const failures: CommandOption[] = [
    { key: "min_healthy", label: "Must stay healthy", kind: "text", named: "min_healthy", fallback: "", hint: "A number of instances (2) or a share of them (50%) outside of a batch", said: /^min_healthy/ },
    { key: "max_failures", label: "May fail", kind: "number", named: "max_failures", fallback: "", hint: "So many instances may fail before it stops; none unless said", said: /^max_failures/ },
];

const rollback: CommandOption = { key: "rollback", label: "When it fails, batches that are done go back too", kind: "check", named: "rollback", on: "all", fallback: "", said: /^rollback/ };

export const APPROVE_CHOICES: [value: string, label: string][] = [
    ["", "Never"],
    ["start", "Before anything is begun"],
    ["first", "After the first batch"],
    ["each", "After each batch"],
];

const approve: CommandOption = {
    key: "approve",
    label: "Waits for an approval",
    kind: "choice",
    choices: APPROVE_CHOICES,
    named: "approve",
    fallback: "",
    hint: "Somebody looks, and approves on the job's page; or cancels",
    said: /^approve/,
};

const whole = (label: string): [string, string][] => [
    ["", label],
    ["1by1", "One instance at a time"],
    ["1/3", "A third at a time"],
    ["25%", "A quarter at a time"],
    ["50%", "Half at a time"],
];

export const BATCH_CHOICES = whole("All instances are one batch");

export const COMMANDS: Command[] = [
    {
        name: "deploy",
        title: "Deploy",
        does: "Builds a package of each module at a revision and brings it to every running instance",
        verb: "Deploy",
        fleet: true,
        modules: true,
        options: [execution(0), batches(1), ...failures, rollback, approve],
    },
    {
        name: "redeploy",
        title: "Redeploy",
        does: "Brings the package of an earlier deployment again: nothing is built",
        verb: "Redeploy",
        fleet: true,
        options: [
            { key: "deployment", label: "Deployment", kind: "deployment", place: 0, fallback: "", required: true, free: true, said: /^(A redeploy job|Redeploy|Deployment|deployment)/ },
            execution(1),
            batches(2),
            ...failures,
            rollback,
            approve,
        ],
    },
    {
        name: "executescript",
        title: "Run a script",
        does: "Runs a shell script on the instances, with the environment that hooks have",
        verb: "Run the script",
        fleet: true,
        options: [
            { key: "script", label: "Script", kind: "script", place: 0, fallback: "#!/bin/bash\nset -euo pipefail\n\n", required: true, free: true, hint: "Begins with #!/bin/bash or #!/bin/sh", said: /script/i },
            { key: "module", label: "In the folder of", kind: "module", place: 1, fallback: "", free: true, said: /^executescript: the application has no module/ },
            {
                ...execution(2),
                label: "On",
                choices: [
                    ["serial", "All instances, one after the other"],
                    ["parallel", "All instances at once"],
                    ["single", "One instance alone"],
                ],
            },
            { key: "address", label: "Instance", kind: "instance", place: 3, fallback: "", required: true, when: (values) => values.strategy === "single", said: /^executescript with "single"/ },
            batches(3, { fallback: "1by1", when: (values) => values.strategy !== "single" }),
            ...failures.map((option) => ({ ...option, when: (values: Values) => values.strategy !== "single" })),
            { ...approve, when: (values) => values.strategy !== "single" },
            { key: "user", label: "As the user", kind: "text", named: "user", fallback: "", hint: "Else the module's owner, or root", said: /^user/ },
            { key: "deadline", label: "Ends after", kind: "number", named: "deadline", fallback: "", hint: "Seconds; where it runs longer it is ended", said: /^deadline/ },
        ],
    },
    {
        name: "buildimage",
        title: "Build an image",
        does: "Makes the machine image from which instances of the application are started",
        verb: "Build the image",
        options: [
            { key: "instance_type", label: "Type of the instance that builds", kind: "instance_type", member: "instance_type", fallback: "t2.micro", said: /^instance_type/ },
            {
                key: "skip_bootstrap",
                label: "Install the provisioner first",
                kind: "choice",
                choices: [
                    ["", "As the controller is set"],
                    ["False", "Yes"],
                    ["True", "No, the source image has it"],
                ],
                place: 0,
                fallback: "",
            },
        ],
    },
    {
        name: "createinstance",
        title: "Create an instance",
        does: "Starts one more instance beside those of the Auto Scaling group, with all modules on it",
        verb: "Create the instance",
        options: [
            { key: "subnet", label: "Subnet", kind: "subnet", place: 0, fallback: "", hint: "Else the application's first" },
            { key: "ip", label: "Private address", kind: "text", place: 1, fallback: "", hint: "Else any that is free; needs a subnet", when: (values) => values.subnet !== "" },
        ],
    },
    {
        name: "recreateinstances",
        title: "Recreate the instances",
        does: "Replaces every instance by a new one of the current image",
        verb: "Recreate the instances",
        danger: "Every instance of the application is ended and replaced by a new one.",
        options: [batches(0, { key: "rolling", hint: "How many are replaced at a time" })],
    },
    {
        name: "destroyinstance",
        title: "Destroy an instance",
        does: "Ends one instance",
        verb: "Destroy the instance",
        danger: "The instance is ended, with all that is on its disks.",
        options: [{ key: "instance", label: "Instance", kind: "instance", place: 0, fallback: "", required: true, said: /^A destroyinstance job/ }],
    },
    {
        name: "destroyallinstances",
        title: "Destroy all instances",
        does: "Ends every instance of the application; an Auto Scaling group starts new ones",
        verb: "Destroy all instances",
        danger: "Every instance of the application is ended, with all that is on its disks.",
        options: [],
    },
    { name: "updateautoscaling", title: "Update the Auto Scaling group", does: "Brings the group and its launch template to what the application says", verb: "Update the group", options: [] },
    { name: "updatelifecyclehooks", title: "Update the lifecycle hooks", does: "Brings the boot scripts and the variables to what the application says", verb: "Update the hooks", options: [] },
    {
        name: "preparebluegreen",
        title: "Prepare blue/green",
        does: "Prepares the side that is not online for a swap",
        verb: "Prepare",
        options: [
            { key: "copy_ami", label: "Take the image of the side that is online", kind: "check", on: "True", place: 0, fallback: "" },
            { key: "attach_elb", label: "Attach a temporary load balancer", kind: "check", on: "True", place: 1, fallback: "True" },
        ],
    },
    {
        name: "swapbluegreen",
        title: "Swap blue and green",
        does: "Puts the side that is not online in the place of the other",
        verb: "Swap",
        options: [
            {
                key: "how",
                label: "How",
                kind: "choice",
                choices: [
                    ["overlap", "Overlap: both serve for a moment"],
                    ["isolated", "Isolated: never both at once"],
                ],
                place: 0,
                fallback: "overlap",
            },
        ],
    },
    { name: "purgebluegreen", title: "Purge blue/green", does: "Ends the side that is not online", verb: "Purge", danger: "The instances of the side that is not online are ended.", options: [] },
];

export function findCommand(name: string): Command | undefined {
    return COMMANDS.find((command) => command.name === name);
}

export function commandTitle(name: string): string {
    return findCommand(name)?.title ?? name;
}

/** Of the form when nothing was chosen. */
export function freshValues(command: Command): Values {
    return Object.fromEntries(command.options.map((option) => [option.key, option.fallback]));
}

/** The options that count as the others are. */
export function shownOptions(command: Command, values: Values): CommandOption[] {
    return command.options.filter((option) => !option.when || option.when(values));
}
