"""ELBv2: rules of listeners. The default rule is the listener's own actions."""
from ..errors import ApiError
from .actions import (ACTION_NAMES, CONDITION_NAMES, action_shape, condition_shape, names_below, read_actions,
                      read_conditions)
from .load_balancers import new_number
from .wire import PAGED, TAGS, MemberAction, invalid, marked_page, need_structs, read_list, read_tags

DEFAULT = "default"
LAST_PRIORITY = 50000


def find_rule(call, arn):
    row = call.cloud.state.rules.get(arn)
    if row is None:
        raise ApiError("RuleNotFound", f"One or more rules not found: '{arn}'")
    return row


def find_owner(call, arn):
    row = call.cloud.state.listeners.get(arn)
    if row is None:
        raise ApiError("ListenerNotFound", f"One or more listeners not found: '{arn}'")
    return row


def own_rule(call, row, doing):
    if row["priority"] == DEFAULT:
        raise ApiError("OperationNotPermitted", f"Default rule '{row['arn']}' cannot be {doing}")


def rules_of(call, listener):
    rows = [row for row in call.cloud.state.rules.values() if row["listener"] == listener["arn"]]
    return sorted(rows, key=lambda row: LAST_PRIORITY + 1 if row["priority"] == DEFAULT else row["priority"])


def shape(call, row):
    default = row["priority"] == DEFAULT
    actions = call.cloud.state.listeners[row["listener"]]["actions"] if default else row["actions"]
    return {"RuleArn": row["arn"], "Priority": row["priority"], "IsDefault": default,
            "Conditions": [condition_shape(condition) for condition in row["conditions"]],
            "Actions": [action_shape(action) for action in actions]}


def new_rule(listener, priority, conditions, actions, tags):
    arn = listener["arn"].replace(":listener/", ":listener-rule/", 1) + "/" + new_number()
    return {"arn": arn, "listener": listener["arn"], "priority": priority, "conditions": conditions,
            "actions": actions, "tags": tags}


def make_default_rule(call, listener):
    row = new_rule(listener, DEFAULT, [], [], {})
    call.cloud.state.rules[row["arn"]] = row


def delete_rules_of(call, listener):
    for row in rules_of(call, listener):
        del call.cloud.state.rules[row["arn"]]


def check_priority_free(call, listener, priority, own=()):
    for row in rules_of(call, listener):
        if row["priority"] == priority and row["arn"] not in own:
            raise ApiError("PriorityInUse", f"Priority '{priority}' is currently in use")


def web_only(listener):
    if listener["protocol"] not in ("HTTP", "HTTPS"):
        raise ApiError("UnsupportedProtocol", f"A {listener['protocol']} listener has no rules")


def create(call):
    params, state = call.params, call.cloud.state
    tags = read_tags(params)
    with state.lock:
        listener = find_owner(call, params.required("ListenerArn"))
        web_only(listener)
        priority = params.integer("Priority", None, 1, LAST_PRIORITY)
        if priority is None:
            raise invalid("A rule needs a priority")
        check_priority_free(call, listener, priority)
        row = new_rule(listener, priority, read_conditions(params),
                       read_actions(call, "Actions", listener["lb"], listener["protocol"]), tags)
        state.rules[row["arn"]] = row
        call.cloud.balancing.settle()
        return {"Rules": [shape(call, row)]}


def modify(call):
    params, state = call.params, call.cloud.state
    with state.lock:
        row = find_rule(call, params.required("RuleArn"))
        own_rule(call, row, "modified")
        listener = state.listeners[row["listener"]]
        conditions = read_conditions(params) if params.has("Conditions") else row["conditions"]
        actions = row["actions"]
        if params.has("Actions"):
            actions = read_actions(call, "Actions", listener["lb"], listener["protocol"])
        row.update(conditions=conditions, actions=actions)
        call.cloud.balancing.settle()
        return {"Rules": [shape(call, row)]}


def describe(call):
    params = call.params
    arns, owner = read_list(params, "RuleArns"), params.text("ListenerArn")
    if bool(arns) == bool(owner):
        raise invalid("You must specify either rule ARNs or a listener ARN")
    with call.cloud.state.lock:
        rows = rules_of(call, find_owner(call, owner)) if owner else [find_rule(call, arn) for arn in arns]
        rows, marker = marked_page(params, rows)
        return {"Rules": [shape(call, row) for row in rows], "NextMarker": marker}


def delete(call):
    with call.cloud.state.lock:
        row = find_rule(call, call.params.required("RuleArn"))
        own_rule(call, row, "deleted")
        del call.cloud.state.rules[row["arn"]]
        call.cloud.balancing.settle()


def set_priorities(call):
    """All or none: rules may change places."""
    with call.cloud.state.lock:
        wanted = [(find_rule(call, part.required("RuleArn")), part.integer("Priority", None, 1, LAST_PRIORITY))
                  for part in need_structs(call.params, "RulePriorities")]
        own = {row["arn"] for row, _ in wanted}
        for row, priority in wanted:
            own_rule(call, row, "given a priority")
            if priority is None:
                raise invalid("A rule needs a priority")
            check_priority_free(call, find_owner(call, row["listener"]), priority, own)
        if len({(row["listener"], priority) for row, priority in wanted}) != len(wanted):
            raise ApiError("PriorityInUse", "A priority is given twice")
        for row, priority in wanted:
            row["priority"] = priority
        call.cloud.balancing.settle()
        return {"Rules": [shape(call, row) for row, _ in wanted]}


SETTINGS = " " + names_below("Conditions", CONDITION_NAMES) + " " + names_below("Actions", ACTION_NAMES)
ACTIONS = {
    "CreateRule": MemberAction(create, "ListenerArn Priority" + SETTINGS + TAGS),
    "ModifyRule": MemberAction(modify, "RuleArn" + SETTINGS),
    "DescribeRules": MemberAction(describe, "ListenerArn RuleArns.member.N" + PAGED),
    "DeleteRule": MemberAction(delete, "RuleArn"),
    "SetRulePriorities": MemberAction(
        set_priorities, "RulePriorities.member.N.RuleArn RulePriorities.member.N.Priority"),
}
