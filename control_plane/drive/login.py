"""`python -m control_plane drive-login`: the OAuth flow for a person's own Drive, once, on a machine with a browser."""

from __future__ import annotations

import sys

from google_auth_oauthlib.flow import InstalledAppFlow

from control_plane.drive.client import SCOPES
from control_plane.settings import Settings


def run(settings: Settings) -> int:
    """Print the address to open, wait for Google's redirect to this machine, and store the token for us only."""
    client_file, token_file = settings.google_drive_credentials_file, settings.google_drive_token_file
    if client_file is None or token_file is None:
        print("Set GOOGLE_DRIVE_CREDENTIALS_FILE (the OAuth client) and GOOGLE_DRIVE_TOKEN_FILE.", file=sys.stderr)
        return 2
    flow = InstalledAppFlow.from_client_secrets_file(str(client_file), SCOPES)
    credentials = flow.run_local_server(
        host="127.0.0.1", port=0, open_browser=False, prompt="consent",  # without it Google renews no lasting token
        authorization_prompt_message="Open this address in a browser on this machine:\n{url}",
        success_message="Google Drive is connected; you can close this window.",
    )  # fmt: skip
    token_file.touch(mode=0o600)
    token_file.chmod(0o600)
    token_file.write_text(credentials.to_json())
    print(f"Stored the token in {token_file.name}.")
    return 0
