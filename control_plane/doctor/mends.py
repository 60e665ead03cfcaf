"""What helps against each fault, in one plain sentence (pure). Codes are the house's, or the doctor's own."""

from __future__ import annotations

from collections.abc import Mapping

MENDS: Mapping[str, str] = {
    # any door
    "probe_failed": "Read the control plane's log, and report it: the doctor knows no such answer.",
    # the bucket
    "storage_unavailable": "Check SPACES_ENDPOINT, and the store's status page; what was sent is kept.",
    "storage_key_refused": "Check SPACES_KEY, SPACES_SECRET, the key's rights to the bucket, and this machine's clock.",
    "storage_bucket_missing": "Check SPACES_BUCKET, or make the bucket with scripts/setup_spaces.sh.",
    "bucket_put_refused": "Give the key the right to write, and check SPACES_REGION: machines leave their results so.",
    "bucket_put_not_conditional": "Use a store that honours If-None-Match on PUT, or own machines only: until its "
    "address ends, a machine can replace what it left.",
    "bucket_overwritten": "Use another store: this one takes other bytes than an address was signed for.",
    "bucket_get_refused": "Give the key the right to read, and check SPACES_REGION and this machine's clock.",
    "bucket_is_public": "Make the bucket private at the store: anybody can read its documents now.",
    "bucket_loses_writes": "Use another store: this one does not show what it has just taken.",
    "bucket_without_versions": "Run scripts/setup_spaces.sh; where the store has no versions, originals are copied "
    "instead (docs/custody.md).",
    "bucket_lifecycle_missing": "Run scripts/setup_spaces.sh: without its rules cache/ and unfinished uploads stay and "
    "are paid for.",
    "bucket_lifecycle_hidden": "Nothing, if scripts/setup_spaces.sh said `lifecycle set`: this key may not read it.",
    # the database
    "queue_unavailable": "Check SUPABASE_URL, and whether the project is paused in Supabase's dashboard.",
    "database_key_refused": "Check SUPABASE_SERVICE_KEY: the project's secret (service) key, and this machine's clock.",
    "worker_token_refused": "Set SUPABASE_JWT_SECRET to a key the project verifies with (docs/production.md, 1): the "
    "legacy JWT secret while it is not revoked, or one that you imported under JWT Keys.",
    "worker_token_early": "Set this machine's clock (systemctl restart systemd-timesyncd): it is ahead.",
    "worker_token_opens_more": "Apply the migrations again and look at the grants: a rented machine could read this.",
    "publishable_key_refused": "Check SUPABASE_PUBLISHABLE_KEY: the project's publishable (anon) key.",
    "publishable_key_opens": "Apply the migrations again and look at the grants: everybody could read this.",
    "migrations_missing": "Run `supabase db push` (selfhosted: scripts/deploy.sh), then update the programs.",
    "migrations_newer": "Update the programs: `git pull`, then scripts/deploy.sh.",
    "unknown_row": "Run `supabase db push` (selfhosted: scripts/deploy.sh).",
    "internal_error": "Run `supabase db push` (selfhosted: scripts/deploy.sh); the log says what was refused.",
    "vector_missing": "Enable the extension `vector` in schema `extensions` (Supabase: Database, Extensions).",
}
UNKNOWN = "Read the message, then the control plane's log."


def mend_of(code: str) -> str:
    """What helps against a fault of this code."""
    return MENDS.get(code, UNKNOWN)
