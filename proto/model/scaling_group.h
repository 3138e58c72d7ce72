/* Names under which an application's Auto Scaling group and Ghost know each other: who sets the group up and
 * who takes care of its instances have to agree on them. */
#pragma once

/* Holds an instance of the group until Ghost has bootstrapped it (EC2_INSTANCE_LAUNCHING). */
#define SCALING_GROUP_HOOK "ghost-bootstrap"

/* "ghost-" and the id of the application, whose launch template this is: a colour is an application of its
 * own. */
#define SCALING_GROUP_TEMPLATE_PREFIX "ghost-"

/* The purpose of a join token that all instances of an application's group share; others: "bake", "instance".
 */
#define JOIN_PURPOSE_GROUP "group"
