"""What helps against each fault, in one plain sentence (pure). Codes are the house's, or the doctor's own."""

from __future__ import annotations

from collections.abc import Mapping

MENDS: Mapping[str, str] = {
    # any door
    "probe_failed": "Read the control plane's log, and report it: the doctor knows no such answer.",
    # the bucket
    "storage_unavailable": "Check SPACES_ENDPOINT, and the store's status page; what was sent is kept.",
    "storage_full": "Make room, or raise the quota at the store; what waits goes on by itself.",
    "storage_key_refused": "Check SPACES_KEY, SPACES_SECRET, the key's rights to the bucket, and this machine's clock.",
    "storage_bucket_missing": "Check SPACES_BUCKET, or make the bucket with scripts/setup_spaces.sh.",
    "bucket_put_refused": "Give the key the right to write, and check SPACES_REGION: machines leave their results so.",
    "bucket_put_not_conditional": "Use a store that honours If-None-Match on PUT, or own machines only: until its "
    "address ends, a machine can replace what it left.",
    "bucket_overwritten": "Use another store: this one takes other bytes than an address was signed for.",
    "bucket_get_refused": "Give the key the right to read, and check SPACES_REGION and this machine's clock.",
    "bucket_is_public": "Make the bucket private at the store: anybody can read its documents now.",
    "bucket_loses_writes": "Use another store: this one does not show what it has just taken.",
    "bucket_cors_open": "Remove the CORS rule: no page of ours reads the bucket by script, and any page could.",
    "bucket_without_versions": "Run scripts/setup_spaces.sh; where the store has no versions, originals are copied "
    "instead (docs/custody.md).",
    "bucket_lifecycle_missing": "Run scripts/setup_spaces.sh: without its rules cache/ and unfinished uploads stay and "
    "are paid for.",
    "bucket_lifecycle_hidden": "Nothing, if scripts/setup_spaces.sh said `lifecycle set`: this key may not read it.",
    # the database
    "queue_unavailable": "Check SUPABASE_URL, and whether the project is paused in Supabase's dashboard.",
    "database_key_refused": "Check SUPABASE_SERVICE_KEY: the project's secret (service) key, and this machine's clock.",
    "queue_answers_cut": "Set max-rows to 1,000 or more (Supabase: Project Settings, Data API, Max rows; selfhosted: "
    "PGRST_DB_MAX_ROWS): lists are led to their end meanwhile, larger batches of work wait.",
    "queue_sessions_shared": "Set PGRST_DB_PREPARED_STATEMENTS and PGRST_DB_CHANNEL_ENABLED to false at PostgREST, or "
    "take the pooler away between it and Postgres (Supabase has none there).",
    "worker_token_refused": "Set SUPABASE_JWT_SECRET to a key the project verifies with (docs/production.md, 1): one "
    "that you imported under JWT Keys, or the legacy JWT secret while it is not revoked.",
    "worker_token_early": "Set this machine's clock (systemctl restart systemd-timesyncd): it is ahead.",
    "worker_token_opens_more": "Apply the migrations again and look at the grants: a rented machine could read this.",
    "publishable_key_refused": "Check SUPABASE_PUBLISHABLE_KEY: the project's publishable (anon) key.",
    "publishable_key_opens": "Apply the migrations again and look at the grants: everybody could read this.",
    "migrations_missing": "Run `supabase db push` (selfhosted: scripts/deploy.sh), then update the programs.",
    "migrations_newer": "Update the programs: `git pull`, then scripts/deploy.sh.",
    "unknown_row": "Run `supabase db push` (selfhosted: scripts/deploy.sh).",
    "internal_error": "Run `supabase db push` (selfhosted: scripts/deploy.sh); the log says what was refused.",
    # Vast.ai
    "vast_key_refused": "Check VAST_API_KEY: made for another account, deleted, or restricted.",
    "vast_blind": "Look at Vast.ai's status page; without an answer nothing is rented or declared gone.",
    "vast_rate_limited": "Wait a minute; another program may use the same key.",
    "vast_destroy_failed": "Give the key the right to destroy instances: machines could not be returned.",
    "vast_create_refused": "Read the message: it is what Vast.ai says to renting.",
    "vast_create_unknown": "Look at Vast.ai's status page, then try again.",
    "vast_credit_low": "Add credit at Vast.ai, or lower MIN_CREDIT_DOLLARS.",
    "vast_rents_nothing": "Report this: the doctor relies on there being no offer 0.",
    "vast_market_empty": "Loosen that clause of FLEET_QUERY, or wait: the market changes by the hour.",
    "vast_none_suits": "Loosen what the message names.",
    "vast_no_datacenter": "Wait, or set FLEET_SENSITIVE_PLACEMENT (docs/fleet.md).",
    # the worker's image
    "registry_unavailable": "Look at the registry's status page; machines that are rented now could not start.",
    "image_missing": "Run scripts/build_and_push.sh, and put the line that it prints into WORKER_IMAGE.",
    "image_login_refused": "Make a new token that may read packages, and put it into WORKER_IMAGE_LOGIN.",
    "image_login_unreadable": "Write WORKER_IMAGE_LOGIN like `-u USER -p TOKEN ghcr.io`.",
    "image_too_large": "Set FLEET_IMAGE_GB to what it is: machines are chosen by what their traffic costs.",
    # Claude
    "claude_no_credit": "Add credit or raise the limit in the Claude Console.",
    "claude_key_refused": "Check ANTHROPIC_API_KEY.",
    "claude_model_retired": "Name another model in CLAUDE_QUICK_MODEL or CLAUDE_CAREFUL_MODEL (docs/claude.md).",
    "claude_parameter_unsupported": "Choose another model, or update: this version and that model do not go together.",
    "claude_request_refused": "Read what Anthropic says; update, or choose another model.",
    "claude_rate_limited": "Nothing: what waits is asked again. If it stays, raise the account's limits.",
    "claude_overloaded": "Nothing: it passes, and what waits is asked again.",
    "claude_away": "Check ANTHROPIC_URL and this machine's way out.",
    "claude_batches_refused": "Look into the Claude Console whether the key's workspace may use message batches.",
    # Telegram
    "telegram_key_refused": "Check TELEGRAM_BOT_TOKEN: wrong, or revoked at @BotFather.",
    "telegram_away": "Check this machine's way out; notices wait.",
    "telegram_nobody_allowed": "Put your numeric id into TELEGRAM_ALLOWED_USERS.",
    "telegram_needs_https": "Set CONTROL_PLANE_URL to https://DOMAIN.",
    "telegram_webhook_missing": "Nothing, if the notifier runs: it registers our address within five minutes.",
    "telegram_webhook_elsewhere": "Nothing, if no other installation uses this bot: the notifier sets it right.",
    "telegram_webhook_failing": "See that nginx runs with a good certificate; the notifier registers it every minute.",
    # Google Drive
    "drive_not_configured": "See docs/bulk.md, Google Drive.",
    "drive_api_off": "Switch the Google Drive API on for the project, in the Google Cloud Console.",
    "drive_scope_missing": "Run `python -m control_plane drive-login` again and tick the box that lets us see files.",
    "drive_access_refused": "Ask whoever administers the Google account: a rule of the organisation refuses us.",
    "drive_token_revoked": "Run `drive-login` again. If it ended after 7 days, the login is in Testing: publish the "
    "OAuth app in the Google Cloud Console (docs/bulk.md).",
    "drive_quota": "Nothing: the quota is filled up within a day.",
    "drive_unavailable": "Nothing, if it passes: batches go on by themselves.",
    "drive_folder_missing": "Check the folder's id, and share it with the account that reads.",
    # the mailbox
    "mailbox_not_configured": "Set IMAP_URL and IMAP_PASSWORD.",
    "mailbox_refused": "Check IMAP_URL and IMAP_PASSWORD; Gmail and most others want an app password.",
    "mailbox_quota": "Nothing: the mail server's quota is filled up within a day.",
    "mailbox_unavailable": "Check IMAP_URL; if it is right, it passes.",
    "mailbox_folder_missing": "Make the folder of IMAP_WATCH_FOLDER, or name another.",
    # mail to people
    "mail_key_refused": "Check the user in SMTP_URL, and SMTP_PASSWORD.",
    "mail_unavailable": "Check SMTP_URL; droplets may not reach port 25: use 587 or 465.",
    # the time stamp authority
    "timestamp_without_ca": "Set RECORD_TIMESTAMP_CA_FILE to the certificates that vouch for the authority.",
    "timestamp_refused": "Check RECORD_TIMESTAMP_URL and RECORD_TIMESTAMP_CA_FILE; the log names the error.",
    # this machine
    "clock_wrong": "Set the clock: `timedatectl set-ntp true`.",
    "disk_full": "Make room: `docker system prune`, old backups, old logs.",
    "memory_short": "Stop what else runs here, or take a larger droplet.",
    "package_missing": "Build the image anew.",
    "front_away": "Check the A record, the firewall (80, 443) and nginx: `docker compose ps`.",
    "front_certificate": "Run scripts/deploy.sh again: it asks for a certificate.",
    "front_elsewhere": "Check CONTROL_PLANE_URL: something else answers there.",
    "vector_missing": "Enable the extension `vector` in schema `extensions` (Supabase: Database, Extensions).",
}
UNKNOWN = "Read the message, then the control plane's log."


def mend_of(code: str) -> str:
    """What helps against a fault of this code."""
    return MENDS.get(code, UNKNOWN)
