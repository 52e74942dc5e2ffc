namespace Sync.Web.Docs;

/// <summary>What people look for, and what the documents call it. Each word of a group finds the others.</summary>
internal static class DocsSynonyms
{
    public static IReadOnlyList<IReadOnlyList<string>> Groups { get; } =
    [
        ["proxy", "nginx", "caddy", "traefik", "apache", "reverse proxy", "tls", "https", "certificate", "ssl", "letsencrypt"],
        ["docker", "podman", "container", "containerfile", "dockerfile", "docker compose", "kubernetes", "k8s"],
        ["systemd", "daemon", "systemctl", "autostart", "journalctl"],
        ["deploy", "deployment", "production", "hosting", "install", "installation", "self host"],
        ["webhook", "webhooks", "notification", "notifications", "slack", "discord", "ntfy", "callback"],
        ["tailscale", "vpn", "wireguard", "tailnet"],
        ["backup", "backups", "restore", "disaster"],
        ["upgrade", "update", "migration", "downgrade"],
        ["port", "listen", "urls", "address", "bind"],
        ["login", "sign in", "log in", "signin", "passkey", "password", "webauthn", "2fa", "mfa"],
        ["token", "api key", "apikey", "secret", "credential", "bearer"],
        ["permission", "permissions", "access", "role", "roles", "authorization", "rbac", "acl"],
        ["lease", "leases", "lock", "locks", "mutex", "semaphore"],
        ["approval", "approvals", "gate", "gates", "human in the loop", "confirm"],
        ["timer", "timers", "cron", "schedule", "deadline", "timeout", "ttl"],
        ["events", "stream", "sse", "websocket", "subscribe", "realtime"],
        ["wait", "poll", "polling", "long poll", "block"],
        ["blackboard", "memory", "kv", "key value", "store"],
        ["delete", "remove", "erase", "purge"],
        ["rate limit", "throttle", "quota", "limits", "429"],
        ["oauth", "consent", "device flow", "oidc", "sso"],
        ["undo", "revert", "rollback"],
        ["monitoring", "health", "metrics", "healthcheck", "readiness", "liveness"],
        ["search", "find", "grep", "full text"],
        ["quick start", "quickstart", "getting started", "tutorial", "hello world"],
        ["idempotency", "idempotent", "retry", "request_id"],
        ["claude", "codex", "cursor", "vscode", "mcp client"],
        ["export", "import", "copy", "migrate"],
        ["fork", "branch", "clone", "sandbox"],
    ];
}
