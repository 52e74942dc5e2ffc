using System.Text.Json.Nodes;

namespace Sync.Web.Api.OpenApi;

/// <summary>The shapes of requests and answers, as JSON Schema 2020-12, the dialect of OpenAPI 3.1.</summary>
internal static class ApiSchemas
{
    // Request schemas are closed: a field they do not name is refused. Answers are open: fields may be added.
    private const string Text = """
        {
          "Error": {
            "type": "object",
            "description": "A refusal. Further fields give details.",
            "required": ["error", "message"],
            "properties": {
              "error": { "type": "string", "description": "A stable code." },
              "message": { "type": "string", "description": "One plain sentence." },
              "hint": { "type": "string", "description": "What to do next." },
              "help": { "type": "string", "description": "The help key that explains more." }
            }
          },
          "CreateRoom": {
            "type": "object", "additionalProperties": false,
            "properties": {
              "id": { "type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[A-Za-z0-9._:-]+$", "description": "Generated when left out." },
              "name": { "type": ["string", "null"] },
              "join": { "$ref": "#/components/schemas/JoinPolicy" }
            }
          },
          "UpdateRoom": {
            "type": "object", "additionalProperties": false,
            "description": "A field left out stays as it is.",
            "properties": {
              "name": { "type": "string" },
              "join": { "$ref": "#/components/schemas/JoinPolicy" }
            }
          },
          "JoinPolicy": { "type": "string", "enum": ["open", "members"], "description": "`open`: whoever knows the room's id may join. `members`: a token with write access is needed." },
          "Role": { "type": "string", "enum": ["owner", "collaborator", "participant", "observer"] },
          "Room": {
            "type": "object",
            "required": ["id", "name", "created_at", "join", "access", "role", "members"],
            "properties": {
              "id": { "type": "string" },
              "name": { "type": ["string", "null"] },
              "created_at": { "type": "string", "format": "date-time" },
              "join": { "$ref": "#/components/schemas/JoinPolicy" },
              "access": { "type": "string", "enum": ["none", "read", "write", "admin"], "description": "What the caller holds." },
              "role": { "anyOf": [{ "$ref": "#/components/schemas/Role" }, { "type": "null" }], "description": "The caller's role; null for tokens that carry the room's own authority." },
              "members": {
                "type": "array", "description": "Empty unless the caller has write access.",
                "items": { "type": "object", "required": ["user", "role"], "properties": { "user": { "type": "string" }, "role": { "$ref": "#/components/schemas/Role" } } }
              },
              "seq": { "type": "integer", "description": "Newest event. The figures are left out in lists for rooms that are not loaded." },
              "agents": { "type": "integer" },
              "entries": { "type": "integer" },
              "actions": { "type": "integer" },
              "views": { "type": "integer" },
              "messages": { "type": "integer", "description": "Messages ever sent." }
            }
          },
          "RoomList": {
            "type": "object", "required": ["rooms"],
            "properties": { "rooms": { "type": "array", "items": { "$ref": "#/components/schemas/Room" } } }
          },
          "RoomCreated": {
            "type": "object",
            "required": ["id", "name", "created_at", "join", "role", "token", "view_token"],
            "properties": {
              "id": { "type": "string" },
              "name": { "type": ["string", "null"] },
              "created_at": { "type": "string", "format": "date-time" },
              "join": { "$ref": "#/components/schemas/JoinPolicy" },
              "role": { "anyOf": [{ "$ref": "#/components/schemas/Role" }, { "type": "null" }] },
              "token": { "type": "string", "description": "`room_…`: full access. Shown this once." },
              "view_token": { "type": "string", "description": "`view_…`: read only, all scopes. Shown this once." }
            }
          },
          "RoomDeleted": {
            "type": "object", "required": ["deleted", "id"],
            "properties": { "deleted": { "const": true }, "id": { "type": "string" } }
          },
          "Invite": {
            "type": "object", "additionalProperties": false, "required": ["username"],
            "properties": {
              "username": { "type": "string" },
              "role": { "$ref": "#/components/schemas/Role", "default": "participant" }
            }
          },
          "Invited": {
            "type": "object", "required": ["invited", "username", "room", "role"],
            "properties": { "invited": { "const": true }, "username": { "type": "string" }, "room": { "type": "string" }, "role": { "$ref": "#/components/schemas/Role" } }
          },
          "Claim": {
            "type": "object", "additionalProperties": false,
            "properties": { "room_token": { "type": "string", "description": "The `room_…` token, for a room that has members." } }
          },
          "Claimed": {
            "type": "object", "required": ["claimed", "room", "role"],
            "properties": { "claimed": { "const": true }, "room": { "type": "string" }, "role": { "$ref": "#/components/schemas/Role" } }
          },
          "Join": {
            "type": "object", "additionalProperties": false,
            "properties": {
              "id": { "type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[A-Za-z0-9.:-][A-Za-z0-9._:-]*$", "description": "Generated when left out." },
              "name": { "type": "string" },
              "role": { "type": "string", "default": "agent" },
              "meta": { "description": "Any JSON." },
              "enabled": { "type": "string", "description": "CEL; while false the agent is not shown." },
              "state": { "type": "object", "description": "Initial private keys." },
              "public_keys": { "type": "array", "items": { "type": "string" }, "description": "Names out of `state`; each becomes a view `<agent>.<key>`." },
              "views": { "type": "array", "items": { "type": "object" }, "description": "Views of the agent's scope." }
            }
          },
          "UpdateAgent": {
            "type": "object", "additionalProperties": false,
            "properties": {
              "name": { "type": "string" },
              "role": { "type": "string" },
              "status": { "type": "string", "enum": ["active", "idle", "done"] },
              "meta": { "description": "Any JSON." },
              "enabled": { "type": ["string", "null"], "description": "CEL." },
              "grants": { "type": "array", "items": { "type": "string" }, "description": "Agents that may read and write this agent's private scope." },
              "timer": { "$ref": "#/components/schemas/Timer" }
            }
          },
          "Agent": {
            "type": "object", "required": ["id", "name", "role", "status"],
            "properties": {
              "id": { "type": "string" },
              "name": { "type": "string" },
              "role": { "type": "string" },
              "status": { "type": "string", "enum": ["active", "waiting", "idle", "done"] },
              "waiting_on": { "type": ["string", "null"], "description": "The condition of a parked wait." },
              "last_heartbeat": { "type": ["string", "null"], "format": "date-time" },
              "joined_at": { "type": "string", "format": "date-time" },
              "grants": { "type": "array", "items": { "type": "string" } },
              "meta": { "description": "Any JSON." }
            }
          },
          "AgentJoined": {
            "allOf": [
              { "$ref": "#/components/schemas/Agent" },
              { "type": "object", "properties": { "token": { "type": "string", "description": "`as_…`: acts as this agent. Shown this once." } } }
            ]
          },
          "Timer": {
            "type": "object",
            "description": "Exactly one clock: `ms`, `at`, or `ticks` with `tick_on`.",
            "properties": {
              "ms": { "type": "integer", "minimum": 1 },
              "at": { "type": "string", "format": "date-time" },
              "ticks": { "type": "integer", "minimum": 1 },
              "tick_on": { "type": "string", "description": "`scope.key`; each write to it is a tick." },
              "effect": { "type": "string", "enum": ["delete", "enable"] }
            }
          },
          "Invoke": {
            "type": "object", "additionalProperties": false,
            "properties": {
              "params": { "type": "object", "description": "The action's parameters." },
              "agent": { "type": "string", "description": "The agent to act as; only full access may name another than its own." },
              "dry_run": { "type": "boolean", "description": "Answer the same, commit nothing." },
              "request_id": { "type": "string", "description": "Idempotency key." }
            }
          },
          "Invoked": {
            "type": "object", "required": ["invoked", "action"],
            "description": "Built-in actions add fields of their own.",
            "properties": {
              "invoked": { "const": true },
              "action": { "type": "string" },
              "agent": { "type": ["string", "null"] },
              "params": { "type": "object" },
              "writes": {
                "type": "array",
                "items": {
                  "type": "object", "required": ["scope", "key"],
                  "properties": {
                    "scope": { "type": "string" },
                    "key": { "type": "string" },
                    "value": { "description": "Any JSON." },
                    "version": { "type": "string", "description": "Proof of read: the beginning of the value's hash." },
                    "revision": { "type": "integer" }
                  }
                }
              },
              "result": { "description": "The value of the action's `result` expression." },
              "seq": { "type": "integer", "description": "The event in the log." },
              "dry_run": { "const": true },
              "warning": { "description": "A code, or a list of them." },
              "warnings": { "type": "array", "items": { "type": "object" } }
            }
          },
          "Explanation": {
            "type": "object", "required": ["action", "available"],
            "properties": {
              "action": { "type": "string" },
              "agent": { "type": ["string", "null"] },
              "available": { "type": "boolean" },
              "builtin": { "const": true },
              "enabled": { "$ref": "#/components/schemas/ExplainedExpression" },
              "if": { "$ref": "#/components/schemas/ExplainedExpression" },
              "timer": { "type": "object", "description": "The clock that keeps it back." },
              "params": { "$ref": "#/components/schemas/Error" },
              "reason": { "type": "string", "description": "The error code an invocation would get." },
              "message": { "type": "string" },
              "hint": { "type": ["string", "null"] }
            }
          },
          "ExplainedExpression": {
            "type": "object", "required": ["expression", "holds", "parts"],
            "properties": {
              "expression": { "type": "string" },
              "holds": { "type": "boolean" },
              "parts": { "type": "array", "description": "Each part of `&&` and `||` with the value it had." },
              "depends_on_params": { "const": true, "description": "It cannot be told without parameters." }
            }
          },
          "Context": {
            "type": "object",
            "description": "Sections left out by shaping are absent.",
            "properties": {
              "state": { "type": "object", "additionalProperties": { "type": "object" }, "description": "Values by scope and key; the caller's private scope is `self`." },
              "views": { "type": "object", "description": "Values by view." },
              "agents": { "type": "object", "additionalProperties": { "type": "object" } },
              "actions": { "type": "object", "additionalProperties": { "type": "object" } },
              "messages": {
                "type": "object",
                "properties": {
                  "count": { "type": "integer" },
                  "unread": { "type": "integer" },
                  "directed_unread": { "type": "integer" },
                  "recent": { "type": "array", "items": { "$ref": "#/components/schemas/Message" } }
                }
              },
              "self": { "type": ["string", "null"], "description": "The agent the caller acts as." },
              "_context": {
                "type": "object",
                "properties": {
                  "sections": { "type": "array", "items": { "type": "string" } },
                  "depth": { "type": "string", "enum": ["lean", "full", "usage"] },
                  "help": { "type": "array", "items": { "type": "string" }, "description": "What to read next." },
                  "elided": { "type": "array", "description": "What is missing." },
                  "_expand": { "type": "array", "description": "The queries that get it." },
                  "seq": { "type": "integer" },
                  "shows": { "type": "array", "items": { "type": "string" }, "description": "With a token that shows single views: these. Every other section is empty then." },
                  "attention": { "type": "array" }
                }
              }
            }
          },
          "Message": {
            "type": "object", "required": ["seq", "from", "kind", "body"],
            "properties": {
              "seq": { "type": "integer", "description": "Messages have their own numbers." },
              "from": { "type": "string" },
              "kind": { "type": "string" },
              "body": { "description": "Usually text." },
              "to": { "description": "An agent or a list of them." },
              "at": { "type": "string", "format": "date-time" }
            }
          },
          "Wait": {
            "type": "object", "additionalProperties": false, "required": ["condition"],
            "properties": {
              "condition": { "type": "string", "description": "A CEL expression." },
              "timeout": { "type": "integer", "minimum": 0, "description": "Milliseconds." }
            }
          },
          "Waited": {
            "type": "object", "required": ["triggered", "condition", "context"],
            "properties": {
              "triggered": { "type": "boolean" },
              "timeout": { "const": true, "description": "Present when time ran out." },
              "elapsed_ms": { "type": "integer" },
              "condition": { "type": "string" },
              "value": { "description": "What the condition evaluated to." },
              "last_error": { "type": "string", "description": "Why the condition could not be evaluated, when time ran out over it." },
              "context": { "$ref": "#/components/schemas/Context" },
              "warnings": { "type": "array", "items": { "type": "object" } }
            }
          },
          "Poll": {
            "type": "object", "required": ["room", "seq", "self", "agents", "state", "messages", "actions", "views", "audit"],
            "properties": {
              "room": { "type": "string" },
              "seq": { "type": "integer" },
              "self": { "type": ["string", "null"] },
              "agents": { "type": "array", "items": { "$ref": "#/components/schemas/Agent" } },
              "state": { "type": "array", "items": { "$ref": "#/components/schemas/Entry" } },
              "messages": {
                "type": "object", "required": ["count", "recent"],
                "properties": { "count": { "type": "integer" }, "recent": { "type": "array", "items": { "$ref": "#/components/schemas/Message" } } }
              },
              "actions": { "type": "object", "additionalProperties": { "type": "object" }, "description": "Definitions and availability by id." },
              "views": { "type": "object", "additionalProperties": { "type": "object" }, "description": "Values and definitions by id." },
              "audit": { "type": "array", "items": { "$ref": "#/components/schemas/Event" } }
            }
          },
          "Entry": {
            "type": "object", "required": ["value", "version", "revision", "updated_at", "seq"],
            "properties": {
              "scope": { "type": "string" },
              "key": { "type": "string" },
              "value": { "description": "Any JSON." },
              "version": { "type": "string" },
              "revision": { "type": "integer" },
              "updated_at": { "type": "string", "format": "date-time" },
              "seq": { "type": "integer", "description": "The event that wrote it." },
              "writer": { "type": ["string", "null"] },
              "via": { "type": ["string", "null"] }
            }
          },
          "Event": {
            "type": "object", "required": ["seq", "at", "kind", "agent", "action", "ok"],
            "properties": {
              "seq": { "type": "integer" },
              "at": { "type": "string", "format": "date-time" },
              "kind": { "type": "string" },
              "agent": { "type": ["string", "null"] },
              "action": { "type": ["string", "null"] },
              "ok": { "type": "boolean" },
              "params": { "description": "The invocation's parameters." },
              "private": { "const": true, "description": "The parameters went to a scope this reader does not see." },
              "error": { "type": "string", "description": "The code of a refusal." },
              "message": { "type": ["string", "null"] },
              "count": { "type": "integer", "description": "How many equal refusals this event stands for." },
              "writes": { "type": "array", "items": { "type": "object" } },
              "private_writes": { "type": "integer", "description": "Writes to scopes this reader does not see." }
            }
          },
          "Eval": {
            "type": "object", "additionalProperties": false, "required": ["expr"],
            "properties": { "expr": { "type": "string", "description": "A CEL expression." } }
          },
          "Evaluated": {
            "type": "object", "required": ["expression", "value", "type"],
            "properties": { "expression": { "type": "string" }, "value": { "description": "Any JSON." }, "type": { "type": "string" } }
          },
          "History": {
            "type": "object", "required": ["scope", "key", "history"],
            "properties": {
              "scope": { "type": "string" },
              "key": { "type": "string" },
              "history": {
                "type": "array",
                "items": {
                  "type": "object", "required": ["seq", "at", "writer", "via"],
                  "properties": {
                    "seq": { "type": "integer" },
                    "at": { "type": "string", "format": "date-time" },
                    "writer": { "type": ["string", "null"] },
                    "via": { "type": "string" },
                    "value": { "description": "Any JSON." },
                    "version": { "type": "string" },
                    "revision": { "type": "integer" },
                    "deleted": { "const": true },
                    "previous_version": { "type": ["string", "null"] }
                  }
                }
              },
              "next_before": { "type": "integer", "description": "Ask with `before` for the next page." }
            }
          },
          "Samples": {
            "type": "object", "required": ["view", "samples", "from", "seq"],
            "properties": {
              "view": { "type": "string" },
              "samples": {
                "type": "array", "description": "Oldest first.",
                "items": {
                  "type": "object", "required": ["seq", "at", "value"],
                  "properties": {
                    "seq": { "type": "integer", "description": "The event after which it had this value." },
                    "at": { "type": "string", "format": "date-time" },
                    "value": { "description": "Any JSON." }
                  }
                }
              },
              "from": { "type": "integer", "description": "The event the series begins after." },
              "seq": { "type": "integer", "description": "The event it reaches to." },
              "thinned": { "const": true, "description": "Some changes in between were left out." }
            }
          },
          "Replay": {
            "type": "object", "required": ["seq", "at", "event", "state"],
            "properties": {
              "seq": { "type": "integer" },
              "at": { "type": "string", "format": "date-time" },
              "event": { "$ref": "#/components/schemas/Event" },
              "state": {
                "type": "object", "description": "Entries by scope and key.",
                "additionalProperties": { "type": "object", "additionalProperties": { "$ref": "#/components/schemas/Entry" } }
              }
            }
          },
          "Audit": {
            "type": "object", "required": ["events", "seq"],
            "properties": {
              "events": { "type": "array", "items": { "$ref": "#/components/schemas/Event" } },
              "seq": { "type": "integer", "description": "Newest event of the room." }
            }
          },
          "Scope": { "type": "string", "description": "Space-separated: `create_rooms`, `rooms:*`, `rooms:*:read|write`, `rooms:ID`, `rooms:ID:read|write|admin`, `rooms:ID:agent:AGENT`, `rooms:ID:view:VIEW` (the view's id percent-encoded but for `A-Z a-z 0-9 . _ - ~ :`)." },
          "MintToken": {
            "type": "object", "additionalProperties": false,
            "properties": {
              "scope": { "$ref": "#/components/schemas/Scope" },
              "label": { "type": ["string", "null"], "maxLength": 200 },
              "expires_in": { "type": ["integer", "null"], "minimum": 1, "description": "Seconds. Left out: until it is revoked; with a refresh token an hour for each access token." },
              "agent_id": { "type": ["string", "null"], "description": "Binds the token to this agent in the only room it names." },
              "room_id": { "type": ["string", "null"], "description": "Limits the token to this room." },
              "with_refresh": { "type": ["boolean", "null"], "description": "Whether a refresh token comes with it." }
            }
          },
          "TokenMinted": {
            "type": "object", "required": ["id", "token", "scope", "label", "room_id", "agent_id", "expires_at"],
            "properties": {
              "id": { "type": "string" },
              "token": { "type": "string", "description": "Shown this once." },
              "refresh_token": { "type": "string", "description": "Shown this once." },
              "scope": { "$ref": "#/components/schemas/Scope" },
              "label": { "type": ["string", "null"] },
              "room_id": { "type": ["string", "null"] },
              "agent_id": { "type": ["string", "null"] },
              "expires_at": { "type": ["string", "null"], "format": "date-time" }
            }
          },
          "TokenList": {
            "type": "object", "required": ["tokens"],
            "properties": {
              "tokens": {
                "type": "array",
                "items": {
                  "type": "object", "required": ["id", "scope", "label", "client_id", "room_id", "agent_id", "created_at", "last_used_at", "expires_at", "revoked", "refreshable"],
                  "properties": {
                    "id": { "type": "string" },
                    "scope": { "$ref": "#/components/schemas/Scope" },
                    "label": { "type": ["string", "null"] },
                    "client_id": { "type": ["string", "null"], "description": "The client it was issued to; null for minted ones." },
                    "room_id": { "type": ["string", "null"], "description": "The only room it names." },
                    "agent_id": { "type": ["string", "null"] },
                    "created_at": { "type": "string", "format": "date-time" },
                    "last_used_at": { "type": ["string", "null"], "format": "date-time" },
                    "expires_at": { "type": ["string", "null"], "format": "date-time" },
                    "revoked": { "type": "boolean" },
                    "refreshable": { "type": "boolean", "description": "Whether a live refresh token belongs to it." }
                  }
                }
              }
            }
          },
          "ChangeToken": {
            "type": "object", "additionalProperties": false,
            "description": "A field left out stays as it is.",
            "properties": { "scope": { "$ref": "#/components/schemas/Scope" }, "label": { "type": "string", "maxLength": 200 } }
          },
          "TokenChanged": {
            "type": "object", "required": ["id", "scope", "label", "previous_scope"],
            "properties": {
              "id": { "type": "string" },
              "scope": { "$ref": "#/components/schemas/Scope" },
              "label": { "type": ["string", "null"] },
              "previous_scope": { "$ref": "#/components/schemas/Scope" }
            }
          },
          "TokenRevoked": {
            "type": "object", "required": ["revoked", "id"],
            "properties": { "revoked": { "const": true }, "id": { "type": "string" } }
          },
          "RefreshToken": {
            "type": "object", "additionalProperties": false, "required": ["refresh_token"],
            "properties": {
              "refresh_token": { "type": "string" },
              "scope": { "$ref": "#/components/schemas/Scope", "description": "A narrower scope to go on with. It narrows the token for good." }
            }
          },
          "BearerToken": {
            "type": "object", "required": ["access_token", "token_type", "scope"],
            "properties": {
              "access_token": { "type": "string" },
              "token_type": { "const": "Bearer" },
              "expires_in": { "type": "integer", "description": "Seconds; left out for a token that lives until it is revoked." },
              "refresh_token": { "type": "string" },
              "scope": { "$ref": "#/components/schemas/Scope" }
            }
          },
          "StartDevice": {
            "type": "object", "additionalProperties": false,
            "properties": {
              "scope": { "$ref": "#/components/schemas/Scope" },
              "client_id": { "type": ["string", "null"], "description": "A registered client, or the address of a client metadata document; its name is shown to the person." }
            }
          },
          "DeviceStarted": {
            "type": "object", "required": ["device_code", "user_code", "verification_uri", "verification_uri_complete", "expires_in", "interval"],
            "properties": {
              "device_code": { "type": "string", "description": "The device's secret." },
              "user_code": { "type": "string", "description": "What the person types." },
              "verification_uri": { "type": "string" },
              "verification_uri_complete": { "type": "string", "description": "The same with the code in it." },
              "expires_in": { "type": "integer", "description": "Seconds." },
              "interval": { "type": "integer", "description": "Seconds between polls." }
            }
          },
          "DeviceToken": {
            "type": "object", "additionalProperties": false, "required": ["device_code"],
            "properties": {
              "device_code": { "type": "string" },
              "client_id": { "type": ["string", "null"] },
              "grant_type": { "type": ["string", "null"], "description": "As OAuth clients send it; there is only one here." }
            }
          },
          "MemberRemoved": {
            "type": "object", "required": ["removed", "username", "room", "role"],
            "properties": {
              "removed": { "const": true },
              "username": { "type": "string" },
              "room": { "type": "string" },
              "role": { "$ref": "#/components/schemas/Role", "description": "The role they had." }
            }
          },
          "Transfer": {
            "type": "object", "additionalProperties": false, "required": ["username"],
            "properties": { "username": { "type": "string", "description": "A member." } }
          },
          "Transferred": {
            "type": "object", "required": ["transferred", "username", "room", "role"],
            "properties": { "transferred": { "const": true }, "username": { "type": "string" }, "room": { "type": "string" }, "role": { "$ref": "#/components/schemas/Role" } }
          },
          "CreateInvitation": {
            "type": "object", "additionalProperties": false,
            "properties": {
              "role": { "$ref": "#/components/schemas/Role", "description": "`participant` when left out." },
              "expires_in": { "type": ["integer", "null"], "minimum": 1, "description": "Seconds; a week when left out." }
            }
          },
          "Invitation": {
            "type": "object", "required": ["id", "room", "role", "invited_by", "created_at", "expires_at"],
            "properties": {
              "id": { "type": "string" },
              "room": { "type": "string" },
              "role": { "$ref": "#/components/schemas/Role" },
              "invited_by": { "type": "string" },
              "created_at": { "type": "string", "format": "date-time" },
              "expires_at": { "type": "string", "format": "date-time" }
            }
          },
          "InvitationMade": {
            "allOf": [{ "$ref": "#/components/schemas/Invitation" }],
            "type": "object", "required": ["url"],
            "properties": { "url": { "type": "string", "description": "The link for the person; shown this once." } }
          },
          "InvitationList": {
            "type": "object", "required": ["invitations"],
            "properties": { "invitations": { "type": "array", "items": { "$ref": "#/components/schemas/Invitation" } } }
          },
          "InvitationRevoked": {
            "type": "object", "required": ["revoked", "id"],
            "properties": { "revoked": { "const": true }, "id": { "type": "string" } }
          },
          "Health": {
            "type": "object", "required": ["status", "version"],
            "properties": { "status": { "const": "ok" }, "version": { "type": "string" } }
          },
          "OpenApiDocument": { "type": "object", "description": "OpenAPI 3.1." }
        }
        """;

    /// <summary>All schemas by name, for the document; a new tree at each call.</summary>
    public static JsonObject All()
    {
        var schemas = JsonNode.Parse(Text)!.AsObject(); // The text is not "null".
        var wait = schemas["Wait"]!["properties"]!.AsObject(); // It stands above.
        foreach (var parameter in Operations.ReadOperations.Shaping)
        {
            wait[parameter.Name] = new JsonObject { ["type"] = parameter.Type, ["description"] = parameter.Description };
        }

        return schemas;
    }
}
