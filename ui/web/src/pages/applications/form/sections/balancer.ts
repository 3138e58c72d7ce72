import { getAt } from "../document";
import type { Place, Section } from "../spec";

const isHaproxy = ({ draft }: Place) => getAt(draft, "safe-deployment.load_balancer_type") === "haproxy";

export const balancer: Section = {
    id: "balancer",
    title: "Load balancer",
    about: "A safe deployment takes each group of instances out before it is touched, and puts it back when it is well.",
    fields: [
        {
            kind: "select",
            path: "safe-deployment.load_balancer_type",
            label: "Kind",
            hint: "Unless said, what the Auto Scaling group has",
            choices: [
                { value: "", label: "As the group has it" },
                { value: "elb", label: "elb: classic" },
                { value: "alb", label: "alb: application" },
                { value: "nlb", label: "nlb: network" },
                { value: "haproxy", label: "haproxy: on instances" },
                { value: "none", label: "none" },
            ],
        },
        { kind: "number", path: "safe-deployment.wait_before_deploy", label: "Wait before deploying", min: 0, placeholder: "0", hint: "Seconds after instances were taken out; 10 is usual" },
        { kind: "number", path: "safe-deployment.wait_after_deploy", label: "Wait after deploying", min: 0, placeholder: "0", hint: "Seconds before they are put back; 10 is usual" },
        { kind: "text", path: "safe-deployment.app_tag_value", label: "HAProxy's app tag", when: isHaproxy, hint: "Instances with this value of the tag app, in this environment, are the HAProxys" },
        { kind: "text", path: "safe-deployment.ha_backend", label: "Backend", when: isHaproxy },
        { kind: "number", path: "safe-deployment.api_port", label: "API port", min: 0, max: 65535, when: isHaproxy, placeholder: "5001" },
        {
            kind: "select",
            path: "safe-deployment.haproxy_api",
            label: "Talked to by",
            when: isHaproxy,
            choices: [
                { value: "", label: "Cloud Deploy's API" },
                { value: "runtime", label: "Its runtime API" },
            ],
        },
    ],
};
